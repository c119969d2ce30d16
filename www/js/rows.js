// Long tables in pieces: a piece that is far from the window is an empty row of its height, so that
// thousands of rows cost no more than those in sight. Printing fills all of them.
import { h } from "./dom.js";

const PIECE = 25;
// Up to here every piece is filled sooner or later, so that the browser's own search finds all rows.
const ALL_UP_TO = 500;
const live = new Set();

// The bodies of a table for a list, and `reach(i)`, which makes sure that row i is drawn and gives it.
export function pieces(list, rowOf, columns, height) {
  const bodies = [];
  const filled = new Set();
  const estimate = () => height() * PIECE;
  const empty = (body, tall) => body.replaceChildren(h("tr", { class: "gap", "aria-hidden": "true" }, h("td", { colspan: columns, style: { height: `${tall}px` } })));
  function fillPiece(k) {
    if (filled.has(k)) return;
    filled.add(k);
    bodies[k].replaceChildren(...list.slice(k * PIECE, (k + 1) * PIECE).map((item, i) => rowOf(item, k * PIECE + i)));
  }
  function clearPiece(k) {
    if (!filled.has(k) || bodies[k].contains(document.activeElement)) return;
    const tall = bodies[k].getBoundingClientRect().height;
    filled.delete(k);
    empty(bodies[k], tall);
  }
  // Pieces that came into sight wait for their turn: one is filled at a time, the latest first.
  const wanted = new Set();
  function fillNext() {
    const k = [...wanted].pop();
    if (k === undefined || !bodies[0].isConnected) return;
    wanted.delete(k);
    fillPiece(k);
    if (wanted.size) setTimeout(fillNext);
  }
  const watch = new IntersectionObserver((entries) => {
    const idle = wanted.size === 0;
    for (const entry of entries) {
      const k = +entry.target.dataset.piece;
      if (entry.isIntersecting) { if (!filled.has(k)) wanted.add(k); } else {
        wanted.delete(k);
        if (list.length > ALL_UP_TO && entry.boundingClientRect.height) clearPiece(k);
      }
    }
    if (idle && wanted.size) fillNext();
  }, { rootMargin: "900px 0px" });
  for (let k = 0; k * PIECE < list.length; k++) {
    const body = h("tbody", { role: "rowgroup", "data-piece": bodies.length });
    bodies.push(body);
    if (k === 0) fillPiece(0); else empty(body, Math.min(estimate(), height() * (list.length - k * PIECE)));
    if (list.length > PIECE) watch.observe(body);
  }
  const whole = { fill: () => bodies.forEach((_, k) => fillPiece(k)), table: bodies[0] };
  live.add(whole);
  if (list.length > PIECE && list.length <= ALL_UP_TO) fillSlowly(bodies.length, fillPiece, bodies[0]);
  return { bodies, reach: (i) => { fillPiece(Math.floor(i / PIECE)); return bodies[Math.floor(i / PIECE)].children[i % PIECE]; } };
}

// One piece at a time, when the page has nothing else to do.
function fillSlowly(count, fillPiece, first) {
  const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 30));
  let k = 1;
  const next = () => {
    if (k >= count || !first.isConnected) return;
    fillPiece(k++);
    idle(next);
  };
  idle(next);
}

// Draws every row of the tables on the page; tables that are gone are forgotten.
export function fillAllRows() {
  for (const whole of live) if (whole.table?.isConnected) whole.fill(); else live.delete(whole);
}
