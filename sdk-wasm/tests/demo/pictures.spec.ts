// The pictures of the documentation, from the demo as it is. `CAREWIRE_PICTURES=1` keeps them.

import { fileURLToPath } from "node:url";
import { expect, noDevices, test } from "../src/stage.ts";

const folder = process.env["CAREWIRE_PICTURES"] ? "../../../docs/images/" : "../.results/";
const picture = (name: string) => fileURLToPath(new URL(folder + name, import.meta.url));

test("both panes: a call with receipts, and Ana offline with two messages waiting", async ({ stage }) => {
  const both = await stage.arrive(
    "dr-lee,ana",
    { viewport: { width: 1360, height: 800 }, deviceScaleFactor: 1.5 },
    noDevices,
  );
  const [lee, ana] = [
    both.page.getByRole("region", { name: "Dr. Lee" }),
    both.page.getByRole("region", { name: "Ana Ruiz" }),
  ];
  const say = async (pane: typeof lee, text: string) => {
    const composer = pane.getByRole("textbox", { name: "Write a message" });
    await composer.fill(text);
    await composer.press("Enter");
  };
  await expect(ana.locator(".connection")).toHaveText("Connected");
  await say(lee, "Good morning, Ana. How did you sleep?");
  await expect(ana.getByText("How did you sleep?")).toBeVisible();
  await say(ana, "Well, thank you. The new dose helps.");
  await expect(lee.getByText("The new dose helps.")).toBeVisible();
  await say(lee, "Your results are in. Shall we look at them together?");
  await expect(lee.getByText("Read by Ana Ruiz")).toBeVisible();

  await ana.getByRole("switch", { name: "Network" }).click();
  await say(ana, "I am in a tunnel");
  await say(ana, "Can you call me in five minutes?");
  await expect(ana.getByTestId("queue")).toHaveText("2 waiting");
  await both.page.screenshot({ path: picture("demo-offline.png") });

  await ana.getByRole("switch", { name: "Network" }).click();
  await expect(lee.getByText("Can you call me in five minutes?")).toBeVisible();
  await lee.getByRole("tab", { name: "Visit" }).click();
  await lee.getByRole("button", { name: "Call Ana Ruiz" }).click();
  await ana.getByRole("button", { name: "Accept" }).click();
  const video = lee.locator("video.video:not(.own)");
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.videoWidth))
    .toBeGreaterThan(0);
  await ana.getByRole("switch", { name: "Network" }).click();
  await ana.getByRole("tab", { name: "Chat" }).click();
  await say(ana, "One moment, the train stops");
  await say(ana, "Now I can hear you");
  await expect(ana.getByTestId("queue")).toHaveText("2 waiting");
  await both.page.screenshot({ path: picture("demo.png") });
});

test("a phone in the dark: the chart", async ({ stage }) => {
  const phone = await stage.arrive("dr-lee", {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    colorScheme: "dark",
    hasTouch: true,
    isMobile: true,
  });
  await phone.open("Chart");
  await expect(phone.page.getByTestId("latest-heart_rate")).toBeVisible();
  await phone.page.getByRole("button", { name: "Make the report" }).click();
  await expect(phone.page.getByRole("progressbar")).toHaveAttribute("value", /^(35|60|80)$/);
  await phone.page.screenshot({ path: picture("demo-phone.png") });
  // What a finger has to meet is large enough.
  const small = await phone.page
    .locator("button:visible")
    .evaluateAll(
      (buttons) =>
        buttons.map((button) => button.getBoundingClientRect()).filter((box) => box.height < 44).length,
    );
  expect(small).toBe(0);
});
