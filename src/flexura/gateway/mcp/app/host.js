// The way to the host: JSON-RPC 2.0 by postMessage (MCP Apps, 2026-01-26).
const PROTOCOL = "2026-01-26";
const host = (() => {
  const waiting = new Map();
  const notified = new Map();
  let number = 0;
  const post = (message) => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");

  const state = { capabilities: {}, context: {}, over: false };

  function request(method, params, seconds = 75) {
    if (state.over) return Promise.reject(new Error("This view is closed."));
    const id = ++number;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new Error("The chat program did not answer in time."));
      }, seconds * 1000);
      waiting.set(id, { resolve, reject, timer });
      post({ id, method, params });
    });
  }

  function answered({ id, result, error }) {
    const asked = waiting.get(id);
    if (!asked) return;
    waiting.delete(id);
    clearTimeout(asked.timer);
    if (error) asked.reject(new Error(text(error.message) || "The chat program refused."));
    else asked.resolve(isObject(result) ? result : {});
  }

  function asked({ id, method }) {
    if (method === "ui/resource-teardown") {
      state.over = true;
      for (const each of waiting.values()) {
        clearTimeout(each.timer);
        each.reject(new Error("This view is closed."));
      }
      waiting.clear();
      notified.get("closed")?.();
    }
    if (method === "ping" || method === "ui/resource-teardown") post({ id, result: {} });
    else post({ id, error: { code: -32601, message: "Method not found" } });
  }

  window.addEventListener("message", (event) => {
    const message = event.data;
    if (event.source !== window.parent || !isObject(message) || message.jsonrpc !== "2.0") return;
    if (typeof message.method !== "string") answered(message);
    else if ("id" in message) asked(message);
    else if (!state.over) notified.get(message.method)?.(isObject(message.params) ? message.params : {});
  });

  return {
    state,
    request,
    on: (method, act) => notified.set(method, act),
    tell: (method, params = {}) => state.over || post({ method, params }),
    can: (name) => isObject(state.capabilities[name]),
  };
})();

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value) {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}
