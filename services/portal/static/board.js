// The board: take a session, see at once what every place would cost, drop it there. Every page works without this file.
"use strict";

const board = document.querySelector("[data-board]");
const picked = board && board.querySelector("[data-picked]");
const words = board && board.dataset;
let bar = null; // the session in hand
let asked = 0; // the latest question; answers to earlier ones come too late

const say = (text) => { picked.querySelector("[data-said]").textContent = text; };
const cells = () => [...board.querySelectorAll("button.cell")];

// Put the session in hand back where it was.
const leave = () => {
  asked += 1;
  for (const cell of cells()) cell.remove();
  if (bar) bar.classList.remove("picked");
  picked.hidden = true;
  bar = null;
};

// Where a cell stands on this page: in its team's day, or in the school's; null when its day is on another page.
const ground = ({ day, team }) => {
  const row = bar.closest("[data-school]");
  if (row) return row.querySelector(`[data-day="${day}"]`);
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
const pick = async (chosen) => {
  leave();
  bar = chosen;
  bar.classList.add("picked");
  const id = encodeURIComponent(bar.dataset.session), mine = asked;
  board.elements.seance.value = bar.dataset.session;
  picked.querySelector("[data-all]").href = `${board.action}?seance=${id}`;
  picked.hidden = false;
  say(words.asking);
  const answer = await fetch(`${words.cells}?seance=${id}`).catch(() => null);
  const found = answer && answer.ok ? await answer.json() : null;
  if (mine !== asked) return false;
  if (found) found.forEach(lay);
  const name = bar.querySelector("strong").textContent;
  say(!found ? words.failed : cells().length ? words.choose.replace("{name}", name) : words.none);
  return Boolean(found);
};

// By mouse anywhere on a session, by finger on its grip.
const drag = (down) => {
  const chosen = down.target.closest(".bar[data-session]");
  if (!chosen || down.button || (down.pointerType !== "mouse" && !down.target.closest(".grip"))) return;
  let ghost = null, ready = null, at = down;
  const under = () => { const e = document.elementFromPoint(at.clientX, at.clientY); return e && e.closest("button.cell"); };
  const scroll = () => {
    if (!ghost) return;
    const edge = 70, by = at.clientY < edge ? -14 : at.clientY > innerHeight - edge ? 14 : 0;
    if (by) scrollBy(0, by);
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
    const there = under();
    for (const cell of cells()) cell.classList.toggle("over", cell === there);
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
    setTimeout(() => { const cell = under(); if (cell) cell.click(); else leave(); });
  };
  const listeners = [["pointermove", move], ["pointerup", end], ["pointercancel", end]];
  for (const [name, listener] of listeners) addEventListener(name, listener);
};

// With a session in hand, arrows go from place to place and Escape leaves it where it is.
const keys = (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const near = cells(), here = near.indexOf(document.activeElement);
  if (bar && event.key === "Escape") {
    const grip = bar.querySelector(".grip");
    leave();
    grip.focus();
  } else if (step && here >= 0) {
    event.preventDefault();
    near[(here + step + near.length) % near.length].focus();
  } else if ((event.ctrlKey || event.metaKey) && !event.target.closest("input, textarea")) {
    const link = { z: event.shiftKey ? "retablir" : "annuler", y: "retablir" }[event.key.toLowerCase()];
    const found = link && document.getElementById(link);
    if (found) { event.preventDefault(); found.click(); }
  }
};

if (board) {
  for (const each of board.querySelectorAll(".bar[data-session]")) {
    const grip = Object.assign(document.createElement("button"), { type: "button", className: "grip", textContent: "⠿" });
    grip.setAttribute("aria-label", `${words.grip} ${each.querySelector("strong").textContent}, ${each.querySelector(".what").textContent}`);
    grip.addEventListener("click", async () => { if (await pick(each) && cells().length) cells().find((c) => c.classList.contains("ok"))?.focus(); });
    (each.querySelector(".state") || each).prepend(grip);
  }
  board.addEventListener("pointerdown", drag);
  board.addEventListener("dragstart", (event) => event.preventDefault());
  board.querySelector("[data-leave]").addEventListener("click", leave);
  addEventListener("keydown", keys);
}
