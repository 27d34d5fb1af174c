// Parts of the package that come with their first use, over a network that does not always give them.

import { expect, settle, test } from "../src/bare.ts";

const WHITEBOARD = /\/whiteboard[^/]*\.js/;
const TALK = /\/talk[^/]*\.js/;

test("nothing is fetched for what a page does not use", async ({ bare, context }) => {
  const fetched: string[] = [];
  context.on("request", (request) => fetched.push(request.url()));
  const page = await bare.open();
  await settle(bare.server, "dr-lee", "ana");
  await page.evaluate(async () => {
    const { connect, chatRoom } = window.carewire;
    const lee = await connect("dr-lee");
    await lee.room(chatRoom("ana", "dr-lee")).ready;
    window.kept["lee"] = lee;
  });
  const parts = () => fetched.filter((url) => /\/(whiteboard|chart|calls|presence)[^/]*\.js/.test(url));
  expect(parts()).toEqual([]);
  await page.evaluate(() => void window.kept["lee"].presence(["ana"]));
  await expect.poll(() => parts().length).toBe(1);
});

test("what could not be fetched is an error, and comes with the next use", async ({ bare }) => {
  await settle(bare.server, "dr-lee", "ana");
  const page = await bare.open();
  await page.route(WHITEBOARD, (route) => route.abort());
  const code = await page.evaluate(async () => {
    const { connect, chatRoom } = window.carewire;
    const [lee, ana] = await Promise.all([connect("dr-lee"), connect("ana", "patient")]);
    const id = chatRoom("ana", "dr-lee");
    window.kept = { id, lee, ana };
    const room = lee.room(id);
    await room.ready;
    room.whiteboard.draw("drawn before");
    await new Promise<void>((resolve) => {
      const look = () => room.whiteboard.get().status === "error" && resolve();
      room.whiteboard.subscribe(look);
      look();
    });
    return room.whiteboard.get().error?.code;
  });
  expect(code).toBe("unavailable");
  await page.unroute(WHITEBOARD);
  const seen = await page.evaluate(async () => {
    const { id, lee, ana } = window.kept;
    const [lees, anas] = [lee.room(id).whiteboard, ana.room(id).whiteboard];
    lees.draw("drawn after");
    await new Promise<void>((resolve) => {
      const look = () => anas.get().ops.length === 2 && resolve();
      anas.subscribe(look);
      look();
    });
    return [lees.get().status, anas.get().ops];
  });
  expect(seen).toEqual(["ready", ["drawn before", "drawn after"]]);
});

test("what is done in a room waits for no part, and its state comes when the parts are there", async ({
  bare,
}) => {
  await settle(bare.server, "dr-lee", "ana");
  const page = await bare.open();
  let give = () => {};
  const given = new Promise<void>((resolve) => (give = resolve));
  await page.route(TALK, async (route) => {
    await given;
    await route.continue();
  });
  const heard = await page.evaluate(async () => {
    const { connect, chatRoom } = window.carewire;
    const [lee, ana] = await Promise.all([connect("dr-lee"), connect("ana", "patient")]);
    const id = chatRoom("ana", "dr-lee");
    await ana.request("room:join", { roomId: id });
    const heard = Promise.all([ana.once("room:event"), ana.once("message:new")]);
    const room = lee.room(id);
    window.kept = { room };
    await room.publish("hand:raised", { up: true });
    await room.messages.send("Hello");
    await heard;
    return [room.get().status, room.messages.get().status, room.messages.get().messages.length];
  });
  expect(heard).toEqual(["loading", "loading", 0]);
  give();
  const shown = await page.evaluate(async () => {
    const { room } = window.kept;
    await room.ready;
    const { status, messages, pending } = room.messages.get();
    return [
      status,
      messages.map((one: { body: string }) => one.body),
      pending,
      room.get().participants.length,
    ];
  });
  expect(shown).toEqual(["ready", ["Hello"], 0, 2]);
});

test("a room whose parts could not be fetched says so, and is there with the next use", async ({ bare }) => {
  await settle(bare.server, "dr-lee", "ana");
  const page = await bare.open();
  await page.route(TALK, (route) => route.abort());
  const refused = await page.evaluate(async () => {
    const { connect, chatRoom } = window.carewire;
    const lee = await connect("dr-lee");
    const room = lee.room(chatRoom("ana", "dr-lee"));
    window.kept = { lee, room };
    const code = await room.ready.catch((error: { code: string }) => error.code);
    const sent = await room.messages.send("Hello");
    return [
      code,
      sent.body,
      room.get().error?.code,
      room.messages.get().error?.code,
      room.typing.get().status,
    ];
  });
  expect(refused).toEqual(["unavailable", "Hello", "unavailable", "unavailable", "error"]);
  await page.unroute(TALK);
  const shown = await page.evaluate(async () => {
    const { lee, room } = window.kept;
    const again = lee.room(room.id);
    await new Promise<void>((resolve) => {
      const look = () => again.messages.get().status === "ready" && resolve();
      again.messages.subscribe(look);
      look();
    });
    return [room.get().status, room.messages.get().messages.length, room.typing.get().status];
  });
  expect(shown).toEqual(["ready", 1, "ready"]);
});
