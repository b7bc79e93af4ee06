// Dialogs whose content comes when it is asked for, and times as the reader's clock has them.
"use strict";
{
  // Not at the swap: for a moment what came is not htmx's yet, and a fast Enter would send it past it.
  document.addEventListener("htmx:afterSettle", (event) => {
    const dialog = event.detail?.target?.closest?.("dialog");
    if (dialog && !dialog.open && dialog.textContent.trim()) dialog.showModal();
    dialog?.querySelector("[aria-invalid], .primary")?.focus();
  });

  // What was done shows at once, also where the stream was between two tries.
  document.addEventListener("htmx:afterRequest", (event) => {
    const { requestConfig, successful, elt } = event.detail;
    if (!successful || requestConfig?.verb !== "post") return;
    elt?.closest?.("form[data-closes]")?.closest("dialog")?.close();
    document.dispatchEvent(new Event("live:again"));
  });

  // `datetime-local` has no zone: it is the reader's, and the gateway is told the moment itself.
  document.addEventListener("htmx:configRequest", (event) => {
    const form = event.detail.elt?.closest?.("form");
    for (const field of form?.querySelectorAll("input[data-moment]") ?? []) {
      const at = field.value ? new Date(field.value) : null;
      if (at && !Number.isNaN(at.getTime())) event.detail.parameters[`${field.name}_exact`] = at.toISOString();
    }
  });

  const local = (at) => new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  const fill = () => {
    for (const field of document.querySelectorAll('input[data-moment]:not([data-moment=""])')) {
      const at = new Date(field.dataset.moment);
      if (!field.value && !Number.isNaN(at.getTime())) field.value = local(at);
    }
  };
  document.addEventListener("live:changed", fill);
  fill();
}
