import type { Locator } from "@playwright/test";
import { expect, test } from "../src/stage.ts";

/** Waits until the picture of a video element moves. */
async function plays(video: Locator): Promise<void> {
  await expect
    .poll(() =>
      video.evaluate((element: HTMLVideoElement) => element.currentTime > 0 && element.videoWidth > 0),
    )
    .toBe(true);
}

test("they call, see each other, mute and hang up", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  const ana = await stage.arrive("ana");
  await lee.open("Visit");
  await ana.composer.focus();
  await lee.page.getByRole("button", { name: "Call Ana Ruiz" }).click();

  const ringing = ana.page.getByRole("alertdialog", { name: "Dr. Lee is calling" });
  await expect(ringing.getByRole("button", { name: "Accept" })).toBeFocused();
  await ana.page.keyboard.press("Enter");
  await expect(ringing).toBeHidden();

  await plays(lee.page.locator("video.video:not(.own)"));
  await plays(ana.page.locator("video.video:not(.own)"));
  await ana.page.getByRole("button", { name: "Mute" }).click();
  await expect(lee.page.locator(".caption")).toContainText("muted");
  await lee.open("Chat");
  await expect(lee.page.getByTestId("presence")).toHaveText("in a call");
  await lee.open("Visit");
  await plays(lee.page.locator("video.video:not(.own)"));

  await lee.page.getByRole("button", { name: "Hang up" }).click();
  await expect(lee.page.getByRole("button", { name: "Call Ana Ruiz" })).toBeVisible();
  await expect(ana.page.getByText("Call ended")).toBeVisible();
});

test("a call that is declined", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  const ana = await stage.arrive("ana");
  await lee.open("Visit");
  await ana.composer.focus();
  await lee.page.getByRole("button", { name: "Call Ana Ruiz" }).click();
  await ana.page.getByRole("button", { name: "Decline" }).click();
  await expect(ana.composer).toBeFocused();
  await expect(lee.page.getByRole("button", { name: "Call Ana Ruiz" })).toBeVisible();
});

test("they draw on one whiteboard", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  const ana = await stage.arrive("ana");
  for (const person of [lee, ana]) {
    await person.open("Visit");
    await person.page.getByRole("button", { name: "Whiteboard" }).click();
  }
  const draw = async (person: typeof lee, from: number) => {
    const box = (await person.page.locator(".board svg").boundingBox())!;
    await person.page.mouse.move(box.x + from, box.y + 40);
    await person.page.mouse.down();
    await person.page.mouse.move(box.x + from + 80, box.y + 120, { steps: 5 });
    await person.page.mouse.up();
  };
  await draw(lee, 30);
  await expect(ana.page.locator(".cursor")).toHaveText("Dr. Lee");
  await draw(ana, 200);
  for (const person of [lee, ana]) {
    await expect(person.page.locator(".board polyline")).toHaveCount(2);
  }
  await ana.page.getByRole("button", { name: "Clear" }).click();
  for (const person of [lee, ana]) {
    await expect(person.page.locator(".board polyline")).toHaveCount(0);
  }
});
