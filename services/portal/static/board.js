// The board: take a session, see at once what every place would cost, drop it there. Every page works without this file.
"use strict";

const board = document.querySelector("[data-board]");
const picked = board && board.querySelector("[data-picked]");
const words = board && board.dataset;
const days = board && board.parentElement.querySelector("[data-days]"); // where other days are found, when a page cannot hold all
let held = null; // the session in hand: its id, its name, its school where schools are the rows
let asked = 0; // the latest question; answers to earlier ones come too late

const say = (text) => { picked.querySelector("[data-said]").textContent = text; };
const cells = () => [...board.querySelectorAll("button.cell")];
const bar = () => held && board.querySelector(`[data-session="${CSS.escape(held.id)}"]`); // null while its day is elsewhere

// Put the session in hand back where it was.
const leave = () => {
  asked += 1;
  for (const cell of cells()) cell.remove();
  bar()?.classList.remove("picked");
  picked.hidden = true;
  held = null;
};

// Where a cell stands on this page: in its team's day, or in the school's; null when its day is on another page.
const ground = ({ day, team }) => {
  if (held.school) return board.querySelector(`[data-school="${CSS.escape(held.school)}"] [data-day="${day}"]`);
  return board.querySelector(`[data-day="${day}"] [data-team="${CSS.escape(team)}"] .track`);
};

const lay = (cell) => {
  const there = ground(cell);
  if (!there || there.querySelector(`button.cell.${cell.half}`)) return; // of several teams, the least trouble came first
  const button = document.createElement("button");
  button.className = `cell ${cell.half} ${cell.kind}`;
  button.name = "case";
  button.value = cell.key;
  button.title = cell.why;
  const team = there.closest("[data-team]");
  const where = [cell.when, team && team.querySelector("h4").firstChild.textContent.trim()].filter(Boolean).join(", ");
  for (const [textContent, className] of [[`${where} : `, "sr"], [cell.price, "price"], [cell.broken, ""]]) {
    if (textContent) button.append(Object.assign(document.createElement("span"), { textContent, className }));
  }
  if (there.className === "track") {
    const noon = ((words.noon - words.first * 60) / (words.span * 60)) * 100;
    button.style.setProperty("--from", `${cell.half === "am" ? 0 : noon}%`);
    button.style.setProperty("--to", `${cell.half === "am" ? 100 - noon : 0}%`);
  }
  there.append(button);
};

// Take a session in hand and lay out what every place would cost; true once they are there.
const pick = (chosen) => {
  leave();
  held = { id: chosen.dataset.session, name: chosen.querySelector("strong").textContent, school: chosen.closest("[data-school]")?.dataset.school };
  board.elements.seance.value = held.id;
  picked.querySelector("[data-all]").href = `${board.action}?seance=${encodeURIComponent(held.id)}`;
  picked.hidden = false;
  return price();
};

// Lay out the prices of the places on this page; true once they are there.
const price = async () => {
  const mine = asked += 1;
  bar()?.classList.add("picked");
  say(words.asking);
  const shown = new Set([...board.querySelectorAll("[data-day]")].map((each) => each.dataset.day));
  const query = new URLSearchParams([["seance", held.id], ...[...shown].map((day) => ["jour", day])]);
  const answer = await fetch(`${words.cells}?${query}`).catch(() => null);
  const found = answer && answer.ok ? await answer.json() : null;
  if (mine !== asked) return false;
  if (found) found.forEach(lay);
  say(!found ? words.failed : cells().length ? words.choose.replace("{name}", held.name) : words.none);
  return Boolean(found);
};

// With a session in hand, put the days of a link in place of those shown; true once their prices are there.
const turn = async (link) => {
  const mine = asked += 1;
  say(words.asking);
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } }).catch(() => null);
  const page = answer && answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  if (mine !== asked) return false;
  const fresh = page && page.querySelector("[data-board]");
  if (!fresh) { say(words.failed); return false; }
  board.querySelector("[data-shown]").replaceWith(fresh.querySelector("[data-shown]"));
  board.elements.du.value = fresh.elements.du.value;
  days.innerHTML = page.querySelector("[data-days]").innerHTML;
  dress();
  return price();
};

// By mouse anywhere on a session, by finger on its grip.
const drag = (down) => {
  const chosen = down.target.closest(".bar[data-session]");
  if (!chosen || down.button || (down.pointerType !== "mouse" && !down.target.closest(".grip"))) return;
  let ghost = null, ready = null, at = down, over = null, day = null;
  const under = () => document.elementFromPoint(at.clientX, at.clientY);
  const scroll = () => {
    if (!ghost) return;
    const edge = 70, by = at.clientY < edge ? -14 : at.clientY > innerHeight - edge ? 14 : 0;
    if (by && !under()?.closest("[data-days]")) scrollBy(0, by);
    requestAnimationFrame(scroll);
  };
  const move = (event) => {
    at = event;
    if (!ghost) {
      if (Math.hypot(at.clientX - down.clientX, at.clientY - down.clientY) < 6) return;
      ready = pick(chosen);
      ghost = chosen.cloneNode(true);
      ghost.classList.add("ghost");
      ghost.setAttribute("aria-hidden", "true");
      ghost.inert = true;
      document.body.append(ghost);
      scroll();
    }
    ghost.style.transform = `translate(${at.clientX + 12}px, ${at.clientY + 20}px)`;
    const found = under(), there = found?.closest("button.cell"), link = found?.closest("[data-days] a");
    if (link?.href !== day) {
      day = link?.href;
      if (link) setTimeout(() => { if (ghost && link.href === day) ready = turn(link); }, 400);
    }
    if (there === over) return;
    over?.classList.remove("over");
    there?.classList.add("over");
    over = there;
    if (there) say(there.textContent);
  };
  const end = async (event) => {
    for (const [name, listener] of listeners) removeEventListener(name, listener);
    if (!ghost) return;
    ghost.remove();
    ghost = null;
    const still = (click) => { click.preventDefault(); click.stopPropagation(); };
    addEventListener("click", still, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", still, { capture: true }));
    if (event.type === "pointercancel") { leave(); return; }
    if (!await ready) return;
    setTimeout(() => { const cell = under()?.closest("button.cell"); if (cell) cell.click(); else leave(); });
  };
  const none = (selecting) => selecting.preventDefault(); // a mouse that moves would mark the words it passes
  const listeners = [["pointermove", move], ["pointerup", end], ["pointercancel", end], ["selectstart", none]];
  for (const [name, listener] of listeners) addEventListener(name, listener);
};

// With a session in hand, arrows go from place to place and Escape leaves it where it is.
const keys = (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const near = cells(), here = near.indexOf(document.activeElement);
  if (held && event.key === "Escape") {
    const grip = bar()?.querySelector(".grip");
    leave();
    grip?.focus();
  } else if (step && here >= 0) {
    event.preventDefault();
    near[(here + step + near.length) % near.length].focus();
  } else if ((event.ctrlKey || event.metaKey) && !event.target.closest("input, textarea")) {
    const link = { z: event.shiftKey ? "retablir" : "annuler", y: "retablir" }[event.key.toLowerCase()];
    const found = link && document.getElementById(link);
    if (found) { event.preventDefault(); found.click(); }
  }
};

// A grip on each session, for fingers and keys.
const dress = () => {
  for (const each of board.querySelectorAll(".bar[data-session]:not(:has(.grip))")) {
    const grip = Object.assign(document.createElement("button"), { type: "button", className: "grip", textContent: "⠿" });
    grip.setAttribute("aria-label", `${words.grip} ${each.querySelector("strong").textContent}, ${each.querySelector(".what").textContent}`);
    grip.addEventListener("click", async () => { if (await pick(each)) enter(); });
    (each.querySelector(".state") || each).prepend(grip);
  }
};
const enter = () => cells().find((cell) => cell.classList.contains("ok"))?.focus();

if (board) {
  dress();
  days?.addEventListener("click", async (event) => {
    const link = held && event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    if (await turn(link)) enter();
  });
  board.addEventListener("pointerdown", drag);
  board.addEventListener("dragstart", (event) => event.preventDefault());
  board.querySelector("[data-leave]").addEventListener("click", leave);
  addEventListener("keydown", keys);
}
