// The form of a model: sliders beside numbers, shapes to choose from, inputs that are chosen or uploaded.
"use strict";

(() => {
  const form = document.getElementById("try");
  if (!form) return;
  const changed = (control) => control.dispatchEvent(new Event("input", { bubbles: true }));

  // A slider and its number say the same.
  for (const slider of form.querySelectorAll("[data-slides]")) {
    const number = document.getElementById(slider.dataset.slides);
    slider.addEventListener("input", () => { number.value = slider.value; });
    number.addEventListener("input", () => { if (number.value !== "") slider.value = number.value; });
  }

  // Of several shapes only the chosen one is asked for.
  for (const either of form.querySelectorAll("[data-either]")) {
    const shapes = [...either.querySelectorAll(":scope > [data-shape]")];
    const show = () => {
      const chosen = either.querySelector(":scope > .choices input:checked")?.value;
      for (const shape of shapes) {
        const hidden = shape.dataset.shape !== chosen;
        shape.hidden = hidden;
        for (const control of shape.querySelectorAll("input, select, textarea")) control.disabled = hidden;
      }
    };
    either.addEventListener("change", show);
    show();
  }

  // Inputs: a line in the field for each.
  let target = null;
  function add(id) {
    const lines = target.value.split("\n").map((line) => line.trim()).filter(Boolean);
    if (lines.includes(id)) return;
    const most = Number(target.dataset.most || 1);
    target.value = (most > 1 ? [...lines, id].slice(-most) : [id]).join("\n");
    changed(target);
  }
  const picker = document.getElementById("picker");
  document.addEventListener("click", (event) => {
    const pick = event.target.closest("[data-pick]");
    const choose = event.target.closest("[data-choose]");
    const upload = event.target.closest("[data-upload]");
    if (pick) {
      target = document.getElementById(pick.dataset.pick);
      picker.showModal();
    } else if (choose) {
      add(choose.dataset.choose);
      picker.close();
      target.focus();
    } else if (upload) {
      target = document.getElementById(upload.dataset.upload);
      file.accept = upload.dataset.accept;
      file.click();
    }
  });

  const file = document.getElementById("upload");
  file.addEventListener("change", async () => {
    const chosen = file.files[0];
    file.value = "";
    if (!chosen || !target) return;
    const says = target.closest("[data-slot]").querySelector(".slot-says");
    says.textContent = `Uploading ${chosen.name} …`;
    try {
      const answer = await fetch(file.dataset.to, {
        method: "POST",
        body: chosen,
        headers: { ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" },
      });
      if (!answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        throw new Error(page.body.textContent.replace("×", "").trim() || `It was refused (${answer.status}).`);
      }
      add((await answer.json()).id);
      says.textContent = `${chosen.name} is uploaded.`;
    } catch (problem) {
      says.textContent = problem.message;
    }
  });
})();
