// aimock as the model of a coding agent: it orders a picture with the tool that makes one, then it is done.
import { LLMock } from "@copilotkit/aimock";

const mock = new LLMock({ port: 0, host: "127.0.0.1" });
const painter = (request) =>
  (request.tools ?? []).map((tool) => tool.function.name).find((name) => name.endsWith("generate_image"));
const order = JSON.stringify({ prompt: "a red fox", size: "64x64", save_to: "art/fox.png" });
mock.addFixture({
  match: { hasToolResult: false, predicate: (request) => Boolean(painter(request)) },
  response: (request) => ({ toolCalls: [{ name: painter(request), arguments: order }] }),
});
mock.addFixture({ match: {}, response: { content: "Done." } });
await mock.start();
console.log(`listening on ${mock.url}`);
process.on("SIGTERM", () => mock.stop().then(() => process.exit(0)));
