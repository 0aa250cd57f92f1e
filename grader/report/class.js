"use strict";
(() => {
  const table = document.getElementById("class");
  const body = table.tBodies[0];
  const headers = [...table.tHead.rows[0].cells];
  const atOnce = Number(table.dataset.atOnce);
  const frame = document.getElementById("frame");
  const words = document.getElementById("words");
  const state = document.getElementById("state");
  const only = document.getElementById("only");
  const count = document.getElementById("count");
  const pager = document.getElementById("pager");
  const place = document.getElementById("place");
  const buttons = [...pager.querySelectorAll("button")];

  const rows = JSON.parse(document.getElementById("rows").textContent).map(
    ([learner, name, link, state, kinds, total, remark, points, shades]) => ({
      learner, name, link, state, kinds: kinds.split(" "), total, remark, points, shades,
      searched: `${learner}\n${name}\n${remark}`.toLowerCase(),
    }),
  );
  let fitting = rows; // those that the filters leave, in the order of `rows`
  let page = 0;

  // Rows as class.html makes them. What learners wrote goes in as text and as nothing else.
  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };
  const who = (row) => {
    const learner = element("bdi", "", row.learner);
    if (!row.link) return learner;
    const link = element("a", "", learner);
    link.href = row.link;
    return link;
  };
  const line = (row) => {
    const named = row.name ? [element("br"), element("bdi", "soft", row.name)] : [];
    const head = element("th", "", who(row), ...named);
    head.scope = "row";
    const total = element("td", row.total === "-" ? "n soft" : "n", row.total);
    const points = row.points.split(" ").map((number, at) => {
      const shade = row.shades[at];
      return element("td", `n m ${shade === "-" ? "soft" : `h${shade}`}`, number);
    });
    return element("tr", "", head, total, element("td", "remark", row.remark), ...points);
  };

  const last = () => Math.max(0, Math.ceil(fitting.length / atOnce) - 1);
  const goals = {
    First: () => 0,
    Previous: () => Math.max(0, page - 1),
    Next: () => Math.min(last(), page + 1),
    Last: last,
  };
  const amount = (number) => number.toLocaleString("en");
  const show = (number) => {
    page = number;
    const start = page * atOnce;
    const end = Math.min(start + atOnce, fitting.length);
    body.replaceChildren(...fitting.slice(start, end).map(line));
    const range = last() ? `${amount(start + 1)} to ${amount(end)}` : amount(fitting.length);
    const others = last() && fitting.length < rows.length ? `; ${amount(rows.length)} in all` : "";
    count.textContent = `${range} of ${amount(last() ? fitting.length : rows.length)} shown${others}`;
    place.textContent = `page ${amount(page + 1)} of ${amount(last() + 1)}`;
    for (const button of buttons) button.setAttribute("aria-disabled", goals[button.textContent]() === page);
  };
  for (const button of buttons)
    button.addEventListener("click", () => {
      show(goals[button.textContent]());
      frame.scrollTop = 0;
      if (frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
    });

  const filter = () => {
    const wanted = words.value.trim().toLowerCase();
    fitting = rows.filter(
      (row) =>
        row.searched.includes(wanted) &&
        (!state.value || row.state === state.value) &&
        (!only.value || row.kinds.includes(only.value)),
    );
    show(0);
  };

  // Numbers from the highest, words from A; again for the other way round.
  const alphabet = new Intl.Collator();
  const sort = (header) => {
    const isNumber = header.classList.contains("n");
    const first = isNumber ? "descending" : "ascending";
    const other = first === "descending" ? "ascending" : "descending";
    const direction = header.getAttribute("aria-sort") === first ? other : first;
    for (const each of headers) each.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", direction);
    for (const row of rows) {
      const text = [`${row.learner}${row.name}`, row.total, row.remark, ...row.points.split(" ")][header.cellIndex];
      row.key = !isNumber ? text.toLowerCase() : text === "-" ? -1 : Number(text);
    }
    const order = isNumber ? (a, b) => a.key - b.key : (a, b) => alphabet.compare(a.key, b.key);
    rows.sort((a, b) => (direction === "ascending" ? order(a, b) : order(b, a)));
    filter();
  };
  for (const header of headers) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sort(header));
    header.append(button);
  }

  words.addEventListener("input", filter);
  state.addEventListener("change", filter);
  only.addEventListener("change", filter);
  document.getElementById("filters").hidden = false;
  pager.hidden = rows.length <= atOnce;
  filter();
})();
