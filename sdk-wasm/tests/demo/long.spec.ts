import { expect, test } from "../src/stage.ts";

test("1,000 messages while scrolling: nothing jumps, nothing is missing", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  await lee.open("Chat");
  const list = lee.page.getByRole("log", { name: "Messages" });
  const post = (from: number, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, at) =>
        stage.server.backend("POST", "/v1/messages", {
          roomId: "chat:ana:dr-lee",
          senderId: "ana",
          body: `number ${from + at}`,
        }),
      ),
    );
  for (let from = 0; from < 500; from += 50) await post(from, 50);
  await expect(lee.message("number 499")).toHaveCount(1);

  // The reader looks at something older while more comes: it stays where it is.
  await list.evaluate((element) => (element.scrollTop = element.scrollHeight / 2));
  await expect.poll(() => list.evaluate((element) => element.scrollTop)).toBeGreaterThan(100);
  const read = await list.evaluate((element) => element.scrollTop);
  for (let from = 500; from < 1000; from += 50) await post(from, 50);
  await expect(lee.page.locator(".message")).toHaveCount(1000);
  expect(await list.evaluate((element) => element.scrollTop)).toBe(read);

  const bodies = await lee.page.locator(".message .bubble p").allTextContents();
  expect(new Set(bodies).size).toBe(1000);

  // A page that is loaded anew has the newest and fetches the rest while one scrolls up.
  await lee.page.reload();
  await expect(lee.page.locator(".message")).toHaveCount(50);
  await expect
    .poll(
      async () => {
        await list.evaluate((element) => (element.scrollTop = 0));
        return lee.page.locator(".message").count();
      },
      { timeout: 60_000 },
    )
    .toBe(1000);
  expect(await lee.page.locator(".message .bubble p").allTextContents()).toEqual(bodies);
});
