// What people see when something is in the way.

import { expect, ownClock, test } from "../src/stage.ts";

test("a call that was taken on another device can be fetched back", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  const desk = await stage.arrive("ana");
  const phone = await stage.arrive("ana");
  for (const person of [lee, desk, phone]) await person.open("Visit");
  await lee.page.getByRole("button", { name: "Call Ana Ruiz" }).click();
  await expect(desk.page.getByRole("alertdialog")).toBeVisible();
  await phone.page.getByRole("button", { name: "Accept" }).click();
  await expect(desk.page.getByRole("alertdialog")).toBeHidden();
  await expect(desk.page.getByText("You are in this call on another device.")).toBeVisible();
  await desk.page.getByRole("button", { name: "Continue here" }).click();
  await expect(phone.page.getByText("You are in this call on another device.")).toBeVisible();
  for (const person of [lee, desk]) {
    const seen = person.page.locator("video.video:not(.own)");
    await expect.poll(() => seen.evaluate((video: HTMLVideoElement) => video.currentTime)).toBeGreaterThan(0);
  }
});

test("a turn at the note that ended unseen: the text stays, and the turn is taken again", async ({
  stage,
}) => {
  const lee = await stage.arrive("dr-lee", {}, ownClock);
  const kim = await stage.arrive("nurse-kim");
  await lee.open("Chart");
  await kim.open("Chart");
  const note = lee.page.getByRole("region", { name: "Note" });
  await note.getByRole("button", { name: "Edit" }).click();
  await note.getByRole("textbox").fill("Half a sentence");
  await lee.network.click();
  await lee.page.clock.runFor(40_000);
  await expect(note.getByRole("alert")).toContainText("Your turn ended. Your text is still here.");
  await expect(note.getByRole("textbox")).toHaveValue("Half a sentence");
  await expect(note.getByRole("textbox")).not.toBeEditable();
  await lee.network.click();
  await expect(lee.connection).toHaveText("Connected");
  await note.getByRole("button", { name: "Take again" }).click();
  await note.getByRole("textbox").fill("A whole sentence.");
  await note.getByRole("button", { name: "Save" }).click();
  await expect(kim.page.getByRole("region", { name: "Note" })).toContainText("A whole sentence.");
});

test("a message that waited too long fails visibly, and is sent again", async ({ stage }) => {
  const ana = await stage.arrive("ana", {}, ownClock);
  const lee = await stage.arrive("dr-lee");
  await ana.network.click();
  await ana.say("From the mountains");
  await ana.say("Never mind this one");
  await expect(ana.queue).toHaveText("2 waiting");
  await ana.page.clock.fastForward(61 * 60_000);
  const failed = (text: string) => ana.message(text).getByRole("alert");
  await expect(failed("From the mountains")).toContainText("Not sent");
  await expect(ana.queue).toBeHidden();
  await ana.network.click();
  await expect(ana.connection).toHaveText("Connected");
  await failed("Never mind").getByRole("button", { name: "Discard" }).click();
  await failed("From the mountains").getByRole("button", { name: "Retry" }).click();
  await expect(lee.message("From the mountains")).toHaveCount(1);
  await expect(failed("From the mountains")).toBeHidden();
  await expect(ana.page.locator(".message")).toHaveCount(1);
  await expect(lee.page.locator(".message")).toHaveCount(1);
});

test.describe("a server that remembers little", () => {
  test.use({ settings: { CAREWIRE_RETAIN_EVENTS: "5", CAREWIRE_RETAIN_BYTES: "5000" } });

  test("more was missed than can be replayed: the list is loaded anew, and says so", async ({ stage }) => {
    const lee = await stage.arrive("dr-lee");
    const ana = await stage.arrive("ana");
    await lee.say("first");
    await expect(ana.message("first")).toBeVisible();
    await ana.network.click();
    await expect(ana.connection).toHaveAttribute("data-level", "waiting");
    const bodies = Array.from({ length: 30 }, (_, at) => `missed ${at}`);
    for (const body of bodies) {
      await stage.server.backend("POST", "/v1/messages", {
        roomId: "chat:ana:dr-lee",
        senderId: "dr-lee",
        body,
      });
    }
    await ana.network.click();
    await expect(ana.page.getByText("List reloaded", { exact: true })).toBeVisible();
    await expect(ana.page.locator(".message .bubble p")).toHaveText(["first", ...bodies]);
  });
});

test.describe("a server that logs off who does nothing", () => {
  // The warning comes a minute before the end.
  test.use({ settings: { CAREWIRE_IDLE_LOGOFF_MS: "62000" } });

  test("one is warned, and can say that one is there", async ({ stage }) => {
    const lee = await stage.arrive("dr-lee");
    const warning = lee.page.locator(".banner").filter({ hasText: "Are you still there?" });
    await expect(warning).toContainText(/signed out in \d+ s/);
    // As assistive technology does it. A finger or a key is a sign of the person by itself.
    await warning.getByRole("button", { name: "Stay signed in" }).dispatchEvent("click");
    await expect(warning).toBeHidden();
    await expect(warning).toBeVisible();
    await lee.page.keyboard.press("Shift");
    await expect(warning).toBeHidden();
    await expect(lee.connection).toHaveText("Connected");
  });
});
