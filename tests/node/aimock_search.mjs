// aimock's Tavily double, with results; its command line offers only empty ones.
import { LLMock } from "@copilotkit/aimock";

const mock = new LLMock({ port: 0, host: "127.0.0.1" });
mock.onSearch(/fox/, [
  { title: "Foxes", url: "https://example.org/fox?utm_source=x", content: "A <b>fox</b>.\u200b", score: 0.9 },
  { title: "Foxes again", url: "https://www.example.org/fox", content: "The same page.", score: 0.8 },
  { title: "Dens", url: "https://other.example/den", content: "Where foxes live.", score: 0.7 },
]);
mock.onSearch(/.*/, []);
await mock.start();
console.log(`listening on ${mock.url}`);
process.on("SIGTERM", () => mock.stop().then(() => process.exit(0)));
