// Connecting, and ceasing to.

import { expect, test } from "../src/bare.ts";

test("connects and says who one is", async ({ bare }) => {
  const page = await bare.open();
  const session = await page.evaluate(async () => {
    const client = await window.carewire.connect("dr-lee");
    const state = client.state.get();
    await client.close();
    return state.status === "connected" && { user: state.session.userId, role: state.session.role };
  });
  expect(session).toEqual({ user: "dr-lee", role: "provider" });
  await expect.poll(() => bare.sockets).toEqual({ open: 0, all: 1 });
});

test("a bad token closes for good, with its reason", async ({ bare }) => {
  const page = await bare.open();
  const error = await page.evaluate(async () => {
    const { Carewire } = window.carewire;
    const client = Carewire.create({ url: "/ws", token: "nonsense" });
    const failed = await client.connect().then(
      () => undefined,
      (error: Error) => error,
    );
    const state = client.state.get();
    return {
      isError: failed instanceof window.carewire.CarewireError,
      reason: state.status === "closed" && state.reason,
    };
  });
  expect(error).toEqual({ isError: true, reason: "unauthorized" });
});

test("a token of somebody else closes", async ({ bare }) => {
  const page = await bare.open();
  const reason = await page.evaluate(async () => {
    const { Carewire, tokenOf } = window.carewire;
    const client = Carewire.create({ url: "/ws", userId: "ana", getToken: () => tokenOf("dr-lee") });
    await client.connect().catch(() => {});
    const state = client.state.get();
    return state.status === "closed" && state.reason;
  });
  expect(reason).toBe("wrong_user");
});

test("a token that expires is refreshed in time, on the same socket", async ({ bare }) => {
  const page = await bare.open();
  const asked = await page.evaluate(async () => {
    const { Carewire, tokenOf } = window.carewire;
    const asked: string[] = [];
    const client = await Carewire.connect({
      url: "/ws",
      getToken: ({ why }) => {
        asked.push(why);
        return tokenOf("dr-lee", "provider", asked.length < 3 ? 4000 : undefined);
      },
    });
    // Three tokens, the first two of which are over by then.
    while (asked.length < 3)
      await client.request("session:status").then(() => new Promise((go) => setTimeout(go, 50)));
    await client.request("session:status");
    await client.close();
    return asked;
  });
  expect(asked).toEqual(["connect", "expiring", "expiring"]);
  expect(bare.sockets.all).toBe(1);
});

test("a token that expired while offline is fetched anew", async ({ bare }) => {
  const page = await bare.open();
  const why = await page.evaluate(async () => {
    const { Carewire, tokenOf, unplug } = window.carewire;
    const asked: string[] = [];
    const client = await Carewire.connect({
      url: "/ws",
      getToken: ({ why }) => {
        asked.push(why);
        return tokenOf("dr-lee");
      },
    });
    unplug(client)();
    await client.request("session:status");
    return asked;
  });
  expect(why.at(-1)).toBe("connect");
});

test("signed out is final", async ({ bare }) => {
  const page = await bare.open();
  const reason = await page.evaluate(async () => {
    const { Carewire } = window.carewire;
    const client = Carewire.create({ url: "/ws", getToken: async () => null });
    await client.connect().catch(() => {});
    const state = client.state.get();
    return state.status === "closed" && state.reason;
  });
  expect(reason).toBe("signed_out");
});

test("a policy that forbids WebAssembly is named in the error", async ({ bare, context }) => {
  const page = await context.newPage();
  await page.route(`${bare.server.url}/`, async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), "content-security-policy": "default-src 'self'" };
    await route.fulfill({ response, headers });
  });
  await page.goto(bare.server.url);
  await page.waitForFunction(() => window.carewire);
  const failed = await page.evaluate(async () => {
    const client = window.carewire.Carewire.create({ url: "/ws", token: "any" });
    const error = await client.connect().catch((error: Error) => error);
    const state = client.state.get();
    return { reason: state.status === "closed" && state.reason, message: String(error) };
  });
  expect(failed.reason).toBe("core_failed");
  expect(failed.message).toContain("wasm-unsafe-eval");
});

test("the strict policy of the pages holds", async ({ bare }) => {
  const page = await bare.open();
  const violations = await page.evaluate(async () => {
    const violations: string[] = [];
    document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
    const client = await window.carewire.connect("dr-lee");
    await client.close();
    return violations;
  });
  expect(violations).toEqual([]);
  const policy = (await page.request.get(bare.server.url)).headers()["content-security-policy"];
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
  expect(policy).not.toContain("unsafe-inline");
});
