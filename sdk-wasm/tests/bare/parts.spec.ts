// Parts of the package that come with their first use, over a network that does not always give them.

import { expect, settle, test } from "../src/bare.ts";

const WHITEBOARD = /\/whiteboard[^/]*\.js/;

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
