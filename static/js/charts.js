// The marks of a chart under keyboard and pointer: one tab stop a chart, arrow keys between its
// marks, and a tip that says what the mark in hand is. Without this file marks that lead somewhere
// are links all the same, and every figure stands in the table.
"use strict";
(() => {
  const NEAR = 26; // pixels around a mark that count as it, where marks are small
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("aria-hidden", "true"); // it says what the mark's own name says
  tip.hidden = true;

  const centre = (mark) => {
    const shape = mark.querySelector(".plot__column, .plot__dot, .cell, .heat__cell") || mark;
    const box = shape.getBoundingClientRect();
    return { x: box.left + box.width / 2, y: box.top + box.height / 2, top: box.top };
  };

  function show(mark) {
    const figure = mark.closest("[data-chart]");
    for (const other of document.querySelectorAll(".mark--on")) other.classList.remove("mark--on");
    mark.classList.add("mark--on");
    tip.textContent = mark.getAttribute("aria-label");
    figure.append(tip);
    tip.hidden = false;
    const frame = figure.getBoundingClientRect();
    const at = centre(mark);
    const half = tip.offsetWidth / 2;
    const left = Math.min(Math.max(at.x - frame.left, half), frame.width - half);
    const above = at.top - frame.top - tip.offsetHeight - 9;
    tip.style.left = `${left - half}px`;
    tip.style.top = `${above}px`;
  }

  function hide() {
    tip.hidden = true;
    for (const other of document.querySelectorAll(".mark--on")) other.classList.remove("mark--on");
  }

  // The nearest mark in a direction; what lies straight ahead counts as nearer.
  function towards(marks, from, dx, dy) {
    const here = centre(from);
    let best = null;
    let least = Infinity;
    for (const mark of marks) {
      const there = centre(mark);
      const ahead = (there.x - here.x) * dx + (there.y - here.y) * dy;
      const aside = Math.abs((there.x - here.x) * dy) + Math.abs((there.y - here.y) * dx);
      if (mark === from || ahead < 1) continue;
      const far = ahead + 3 * aside;
      if (far < least) [least, best] = [far, mark];
    }
    return best;
  }

  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function next(key, marks, from, grid) {
    const place = marks.indexOf(from);
    if (key === "Home") return marks[0];
    if (key === "End") return marks[marks.length - 1];
    const [dx, dy] = STEPS[key];
    return grid ? towards(marks, from, dx, dy) : marks[place + dx + dy];
  }

  function hold(marks, mark) {
    for (const other of marks) other.setAttribute("tabindex", other === mark ? "0" : "-1");
  }

  for (const chart of document.querySelectorAll("[data-marks]")) {
    const marks = [...chart.querySelectorAll(".mark")];
    if (!marks.length) continue;
    const grid = chart.dataset.marks === "grid";
    hold(marks, marks[0]);

    chart.addEventListener("keydown", (event) => {
      const mark = event.target.closest(".mark");
      if (event.key === "Escape") hide();
      const goes = event.key in STEPS || event.key === "Home" || event.key === "End";
      if (!mark || !goes || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault(); // the arrows move along the chart, not the page
      next(event.key, marks, mark, grid)?.focus();
    });
    chart.addEventListener("focusin", (event) => {
      const mark = event.target.closest(".mark");
      if (!mark) return;
      hold(marks, mark);
      show(mark);
    });
    chart.addEventListener("focusout", hide);
    chart.addEventListener("pointermove", (event) => {
      let mark = event.target.closest(".mark");
      if (!mark && grid) {
        const far = (one) => Math.hypot(centre(one).x - event.clientX, centre(one).y - event.clientY);
        const nearest = marks.reduce((a, b) => (far(b) < far(a) ? b : a));
        if (far(nearest) <= NEAR) mark = nearest;
      }
      if (mark) show(mark);
      else hide();
    });
    chart.addEventListener("pointerleave", hide);
  }
})();
