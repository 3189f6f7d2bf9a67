// What a script can judge of the RGAA 4.1 on one page: for each criterion, the elements that break it.
"use strict";
globalThis.RGAA = (() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const text = (e) => (e.textContent || "").trim();
  const shown = (e) => e.checkVisibility({ visibilityProperty: true });
  const box = (e) => e.getBoundingClientRect();
  const named = (e) => e.hasAttribute("aria-label") || e.hasAttribute("aria-labelledby") || !!e.querySelector(":scope > title");
  const fields = () => all("input:not([type=hidden]), select, textarea").filter(shown);
  const rgb = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = rgb(colour).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const ground = (e) => {
    for (let up = e; up; up = up.parentElement) {
      const [, , , alpha = 1] = rgb(getComputedStyle(up).backgroundColor);
      if (alpha > 0) return getComputedStyle(up).backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  const edged = (e) => {
    const style = getComputedStyle(e), around = ground(e.parentElement);
    return contrast(style.borderTopColor, around) >= 3 || contrast(ground(e), around) >= 3;
  };
  const generated = (e) => ["::before", "::after"].map((part) => getComputedStyle(e, part).content)
    .filter((content) => /^"[^"]*[\p{L}\p{N}]/u.test(content) && !content.includes('/ ""') && !content.includes("attr("));
  return {
    "1.1": () => all("img:not([alt]), input[type=image]:not([alt]), svg:not([aria-hidden=true])")
      .filter((e) => e.tagName === "IMG" || !(e.getAttribute("role") === "img" && named(e))),
    "1.2": () => all('img[alt=""][title], img[alt=""][aria-label], svg[aria-hidden=true] a, svg[aria-hidden=true] [tabindex]'),
    "2.1": () => all("iframe:not([title]), frame:not([title])"),
    "3.1": () => all(".badge, .bar .state, .session").filter((e) => !text(e)),
    "3.3": () => all("input:not([type=hidden]):not([type=checkbox]):not([type=radio]):not([type=file]), select, textarea, button:not(.link):not(.cell):not(.grip)")
      .filter((e) => shown(e) && !e.disabled && !edged(e) && !text(e)),
    "4.1-4.13": () => all("audio, video, object, embed, canvas, applet, marquee, blink"),
    "5.3": () => all("table").filter((e) => !e.querySelector("th")),
    "5.4": () => all("table").filter((e) => !text(e.caption || document.createElement("i"))),
    "5.6": () => all("th").filter((e) => !e.scope && !e.id),
    "5.7": () => all("td[headers]").filter((e) => e.headers.split(" ").some((id) => document.getElementById(id)?.tagName !== "TH"))
      .concat(all("th[scope]").filter((e) => !["col", "row", "colgroup", "rowgroup"].includes(e.getAttribute("scope")))),
    "6.2": () => all("a[href]").filter((e) => !text(e) && !named(e) && !all("img[alt]:not([alt='']), svg[role=img]", e).length),
    "7.5": () => all(".done:not([role=status]), .errors:not([role=alert])"),
    "8.1": () => (document.doctype?.name === "html" && document.compatMode === "CSS1Compat" ? [] : [document.documentElement]),
    "8.3": () => all("html:not([lang])"),
    "8.4": () => all("html").filter((e) => !["fr", "en"].includes(e.lang)),
    "8.5": () => (document.title.trim() ? [] : [document.head]),
    "8.6": () => all("h1").filter((e) => ![...text(e).split(/\W+/u)].some((word) => word.length > 2 && document.title.includes(word))),
    "8.7": () => all("[hreflang]:not([lang])"),
    "8.9": () => all("b, i, font, center, big, tt, strike, br + br, p:empty:not([role=status]), li:empty, h1:empty, h2:empty, h3:empty, h4:empty, dt:empty, label:empty"),
    "8.10": () => all("[dir]"),
    "9.1": () => {
      const levels = all("h1, h2, h3, h4, h5, h6").filter(shown);
      const skips = levels.filter((e, n) => n && e.tagName[1] - levels[n - 1].tagName[1] > 1);
      return levels.filter((e) => e.tagName === "H1").length === 1 ? skips : [document.body];
    },
    "9.2": () => (["body > header", "body > footer", "main"].every((each) => all(each).length === 1) ? [] : [document.body])
      .concat(all("nav:not([aria-label]):not([aria-labelledby])")),
    "9.3": () => all("ul > :not(li), ol > :not(li), dl > :not(dt):not(dd):not(div)"),
    "10.1": () => all("[style]:not(.cell):not(.ghost), [align], [bgcolor], [border], [valign], td[width], th[width], table[width]"),
    "10.2": () => all("main *").filter((e) => generated(e).length),
    "10.6": () => all("main p a[href]:not(.button)").filter((e) => text(e.closest("p")) !== text(e)
      && getComputedStyle(e).textDecorationLine !== "underline"),
    "10.8": () => all("[aria-hidden=true]").flatMap((e) => all("a[href], button, input, select, textarea, [tabindex='0']", e)),
    "10.13": () => all("body [title]:not(iframe):not(button):not(abbr)"),
    "11.1": () => fields().filter((e) => !e.labels?.length && !named(e)),
    "11.4": () => fields().filter((e) => e.labels?.length && shown(e.labels[0])).filter((e) => {
      const [field, label] = [box(e), box(e.labels[0])];
      const hint = (e.getAttribute("aria-describedby") || "").split(" ").map((id) => document.getElementById(id)).filter(Boolean);
      const between = hint.reduce((sum, each) => sum + box(each).height + 24, 0);
      return label.width > 1 && (field.top - label.bottom > 40 + between || label.top - field.bottom > 40);
    }),
    "11.5": () => all("input[type=radio]").filter((e) => !e.closest("fieldset, [role=radiogroup]")),
    "11.6": () => all("fieldset").filter((e) => !text(e.querySelector(":scope > legend") || document.createElement("i"))),
    "11.9": () => all("button, input[type=submit]").filter((e) => shown(e) && !text(e) && !e.value && !named(e)),
    "12.1": () => (document.querySelector("footer a[href$='plan-du-site']") && document.querySelector("header a.brand") ? [] : [document.body]),
    "12.7": () => (document.querySelector("body > a.skip[href='#contenu']") && document.querySelector("main#contenu[tabindex='-1']") ? [] : [document.body]),
    "12.8": () => all("[tabindex]").filter((e) => e.tabIndex > 0),
    "13.2": () => all("a[target], form[target], base[target]"),
    "13.7": () => document.getAnimations().map((each) => each.effect.target),
    "13.12": () => all("script:not([src])"),
  };
})();
