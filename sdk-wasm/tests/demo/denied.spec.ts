// A browser that may use neither camera nor microphone.

import type { LaunchOptions } from "@playwright/test";
import { expect, test as base } from "../src/stage.ts";

const test = base.extend<object, { launchOptions: LaunchOptions }>({
  launchOptions: [
    async ({ launchOptions }, use) => {
      const args = (launchOptions.args ?? []).filter((arg) => arg !== "--use-fake-ui-for-media-stream");
      await use({ ...launchOptions, args: [...args, "--use-fake-ui-for-media-stream=deny"] });
    },
    { scope: "worker" },
  ],
});

test("the camera is denied: the call goes on, and says what to do", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  const ana = await stage.arrive("ana");
  await lee.open("Visit");
  await lee.page.getByRole("button", { name: "Call Ana Ruiz" }).click();
  await expect(lee.page.getByText("The browser may not use your camera")).toBeVisible();
  await ana.page.getByRole("button", { name: "Accept" }).click();
  for (const person of [lee, ana]) {
    await expect(person.page.getByText("The browser may not use your camera")).toBeVisible();
    await expect(person.page.locator(".caption")).toContainText("muted");
    await expect(person.page.getByRole("button", { name: "Unmute" })).toBeVisible();
    await expect(person.page.getByRole("button", { name: "Video on" })).toBeVisible();
  }
  await lee.page.getByRole("button", { name: "Hang up" }).click();
  await expect(ana.page.getByText("Call ended")).toBeVisible();
});
