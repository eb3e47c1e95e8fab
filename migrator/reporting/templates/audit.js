"use strict";
// Everything on the page is there without this: it only narrows the list.
(() => {
  const form = document.querySelector(".filter");
  if (!form) return;
  const items = [...document.querySelectorAll(".item")];
  const heads = [...document.querySelectorAll(".items h3")];
  const said = form.querySelector("output");
  const show = () => {
    const wanted = Object.fromEntries(new FormData(form));
    const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
    const alive = new Set();
    let number = 0;
    for (const item of items) {
      const fits = ["system", "kind", "confidence"].every((key) => !wanted[key] || item.dataset[key] === wanted[key]) && words.every((word) => item.dataset.text.includes(word));
      item.hidden = !fits;
      if (fits) { number += 1; alive.add(`${item.dataset.system} ${item.dataset.kind}`); }
    }
    for (const head of heads) head.hidden = !alive.has(`${head.dataset.system} ${head.dataset.kind}`);
    said.textContent = number === items.length ? `${number} shown` : `${number} of ${items.length} shown`;
  };
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const link of document.querySelectorAll("#sum a[data-kind]")) {
    link.addEventListener("click", () => {
      form.elements.text.value = form.elements.confidence.value = "";
      form.elements.system.value = link.dataset.system;
      form.elements.kind.value = link.dataset.kind;
      show();
    });
  }
  show();

  // On paper nothing can be opened.
  addEventListener("beforeprint", () => { for (const part of document.querySelectorAll("details")) part.open = true; });
})();
