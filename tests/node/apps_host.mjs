// A chat program that shows MCP Apps: the extension's own AppBridge in a page, the view in a sandboxed frame.
// What would go over its MCP connection goes to the test, by POST to the page's own origin.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

// The policy that the specification makes of a resource's `_meta.ui.csp`, and not a word more.
function policy(csp = {}) {
  const resources = (csp.resourceDomains ?? []).join(" ");
  return [
    "default-src 'none'",
    `script-src 'self' 'unsafe-inline' ${resources}`,
    `style-src 'self' 'unsafe-inline' ${resources}`,
    `connect-src 'self' ${(csp.connectDomains ?? []).join(" ")}`,
    `img-src 'self' data: ${resources}`,
    `font-src 'self' ${resources}`,
    `media-src 'self' data: ${resources}`,
    "frame-src 'none'",
    "object-src 'none'",
    "base-uri 'self'",
  ].join("; ");
}

async function server(method, params) {
  const answer = await fetch("/rpc", { method: "POST", body: JSON.stringify({ method, params }) });
  return answer.json();
}

const heard = { messages: [], contexts: [], links: [], sizes: [], calls: [], modes: [] };
let bridge;

async function show({ html, meta, capabilities, context, blocked }) {
  const frame = document.createElement("iframe");
  frame.title = "Result";
  frame.setAttribute("sandbox", "allow-scripts");
  const rule = policy(blocked ? {} : meta.csp);
  const tag = `<meta http-equiv="Content-Security-Policy" content="${rule}">`;
  document.getElementById("answer").replaceChildren(frame);
  bridge = new AppBridge(null, { name: "test host", version: "1" }, capabilities, { hostContext: context });
  bridge.oncalltool = (params) => (heard.calls.push(params), server("tools/call", params));
  bridge.onreadresource = (params) => server("resources/read", params);
  bridge.onmessage = async (params) => (heard.messages.push(params), {});
  bridge.onupdatemodelcontext = async (params) => (heard.contexts.push(params), {});
  bridge.onopenlink = async (params) => (heard.links.push(params), {});
  bridge.onrequestdisplaymode = async ({ mode }) => (heard.modes.push(mode), { mode });
  bridge.onsizechange = (size) => {
    heard.sizes.push(size);
    if (size.height) frame.style.height = `${size.height}px`;
  };
  const ready = new Promise((resolve) => (bridge.oninitialized = resolve));
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.srcdoc = html.replace("<head>", `<head>${tag}`);
  await ready;
}

window.host = {
  heard,
  show,
  input: (given) => bridge.sendToolInput({ arguments: given }),
  partial: (given) => bridge.sendToolInputPartial({ arguments: given }),
  result: (result) => bridge.sendToolResult(result),
  cancelled: () => bridge.sendToolCancelled({ reason: "stopped" }),
  context: (context) => bridge.setHostContext(context),
  teardown: () => bridge.teardownResource({}),
};
