"use strict";
(() => {
  const table = document.getElementById("class");
  const body = table.tBodies[0];
  const headers = [...table.tHead.rows[0].cells];
  const rows = [...body.rows];
  const words = document.getElementById("words");
  const state = document.getElementById("state");
  const only = document.getElementById("only");
  const count = document.getElementById("count");

  const text = (row, column) => row.cells[column].textContent.trim().toLowerCase();
  const number = (row, column) => (text(row, column) === "-" ? -1 : Number(text(row, column)));
  const compare = (column) =>
    headers[column].classList.contains("n")
      ? (a, b) => number(a, column) - number(b, column)
      : (a, b) => text(a, column).localeCompare(text(b, column));

  // Numbers from the highest, words from A; again for the other way round.
  const sort = (header) => {
    const first = header.classList.contains("n") ? "descending" : "ascending";
    const other = first === "descending" ? "ascending" : "descending";
    const direction = header.getAttribute("aria-sort") === first ? other : first;
    for (const each of headers) each.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", direction);
    const order = compare(header.cellIndex);
    rows.sort((a, b) => (direction === "ascending" ? order(a, b) : order(b, a)));
    body.append(...rows);
  };
  for (const header of headers) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sort(header));
    header.append(button);
  }

  const filter = () => {
    const wanted = words.value.trim().toLowerCase();
    let fitting = 0;
    for (const row of rows) {
      const said = `${text(row, 0)}\n${row.querySelector(".remark").textContent.toLowerCase()}`;
      const fits =
        said.includes(wanted) &&
        (!state.value || row.dataset.state === state.value) &&
        (!only.value || row.dataset.marks.includes(only.value));
      row.hidden = !fits;
      fitting += fits;
    }
    count.textContent = `${fitting} of ${rows.length} shown`;
  };
  words.addEventListener("input", filter);
  state.addEventListener("change", filter);
  only.addEventListener("change", filter);
  document.getElementById("filters").hidden = false;
  filter();
})();
