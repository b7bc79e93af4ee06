// The form of a template: lines that are added, times as the reader's clock has them.
"use strict";
{
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add-row]");
    if (!add) return;
    const rows = add.parentElement.querySelector("[data-rows]");
    const count = rows.children.length;
    if (count >= Number(rows.dataset.most)) { add.disabled = true; return; }
    const row = rows.lastElementChild.cloneNode(true);
    row.setAttribute("aria-label", `Item ${count + 1}`);
    for (const input of row.querySelectorAll("input")) {
      input.value = "";
      input.name = input.name.replace(/\.\d+\.([^.]*)$/, `.${count}.$1`);
      input.setAttribute("aria-label", `${input.placeholder} of item ${count + 1}`);
    }
    rows.append(row);
    row.querySelector("input").focus();
  });

  const form = document.getElementById("try");
  const exact = () => {
    for (const field of form?.querySelectorAll("input[data-moment]") ?? []) {
      const at = field.value ? new Date(field.value) : null;
      let told = form.querySelector(`input[name="${field.name}_exact"]`);
      if (!told) {
        told = Object.assign(document.createElement("input"), { type: "hidden", name: `${field.name}_exact` });
        form.append(told);
      }
      told.value = at && !Number.isNaN(at.getTime()) ? at.toISOString() : "";
    }
  };
  form?.addEventListener("submit", exact);
  document.addEventListener("htmx:configRequest", exact);
}
