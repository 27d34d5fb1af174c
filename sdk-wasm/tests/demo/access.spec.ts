// The states of the demo as axe judges them, on a phone and on a desk, by day and by night.

import { accessible, barriers } from "../src/axe.ts";
import { expect, noDevices, test } from "../src/stage.ts";

const SCREENS = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  desk: { viewport: { width: 1360, height: 800 } },
};

test("what bars people is noticed", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  await lee.say("Pale");
  await lee.page.evaluate(() => {
    document.querySelector<HTMLElement>(".message p")!.style.color = "#dde";
    document.querySelector('[aria-label="Sign out"]')!.removeAttribute("aria-label");
  });
  const found = await barriers(lee.page);
  expect(found.map((line) => line.split(" ")[0]).sort()).toEqual(["button-name", "color-contrast"]);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const [screen, options] of Object.entries(SCREENS)) {
    const settings = { ...options, colorScheme, reducedMotion: "reduce" } as const;

    test(`chat and its outages, ${screen}, ${colorScheme}`, async ({ stage }) => {
      const lee = await stage.arrive("dr-lee", settings);
      const ana = await stage.arrive("ana");
      await accessible(lee.page, "nothing said yet");
      await lee.say("Good morning, Ana.");
      await expect(lee.message("Good morning").getByText("Read by Ana Ruiz")).toBeVisible();
      await ana.say("Good morning!");
      const other = lee.message("Good morning!");
      await expect(other).toBeVisible();
      await other.getByRole("button", { name: "React with 👍" }).click({ force: true });
      await ana.composer.pressSequentially("I");
      await expect(lee.page.getByText("Ana Ruiz is typing")).toBeVisible();
      await accessible(lee.page, "a conversation");
      await lee.network.click();
      await lee.say("Written offline");
      await expect(lee.queue).toHaveText("1 waiting");
      await accessible(lee.page, "offline");
      await ana.say("Meanwhile");
      await lee.network.click();
      await expect(lee.page.getByText("1 new while you were away")).toBeVisible();
      await lee.say("x".repeat(70_000));
      await expect(lee.page.getByRole("button", { name: "Discard" })).toBeVisible();
      await accessible(lee.page, "back, with a message that failed");
      await stage.server.backend("POST", "/v1/users/dr-lee/disconnect", {});
      await expect(lee.page.getByRole("heading", { name: "Disconnected" })).toBeVisible();
      await accessible(lee.page, "ended");
      await lee.page.getByRole("button", { name: "Sign in again" }).click();
      await accessible(lee.page, "signed out");
    });

    test(`today and the chart, ${screen}, ${colorScheme}`, async ({ stage }) => {
      const lee = await stage.arrive("dr-lee", settings);
      const kim = await stage.arrive("nurse-kim");
      await lee.open("Today");
      await expect(lee.page.locator(".appointment").first()).toBeVisible();
      await lee.page.getByRole("button", { name: "Make something happen" }).click();
      await accessible(lee.page, "the desk");
      await lee.page.getByRole("button", { name: "Announce maintenance" }).click();
      await expect(lee.page.getByText("The laboratory system will be updated.")).toBeVisible();
      await lee.page.getByRole("button", { name: /^Notifications/ }).click();
      await accessible(lee.page, "today, with notifications");
      await lee.page.keyboard.press("Escape");
      await lee.open("Chart");
      await kim.open("Chart");
      await expect(lee.page.getByTestId("latest-heart_rate")).toBeVisible();
      const note = lee.page.getByRole("region", { name: "Note" });
      await note.getByRole("button", { name: "Edit" }).click();
      await lee.page.getByRole("button", { name: "Make the report" }).click();
      await accessible(lee.page, "a chart that one writes in");
      await note.getByRole("button", { name: "Cancel" }).click();
      await kim.page.getByRole("region", { name: "Note" }).getByRole("button", { name: "Edit" }).click();
      await expect(lee.page.getByText("Kim Novak is editing")).toBeVisible();
      await lee.page.getByRole("button", { name: "As a table" }).click();
      await accessible(lee.page, "a chart that somebody else writes in");
    });

    test(`a visit, ${screen}, ${colorScheme}`, async ({ stage }) => {
      const lee = await stage.arrive("dr-lee", settings, noDevices);
      const ana = await stage.arrive("ana", settings, noDevices);
      await lee.open("Visit");
      await accessible(lee.page, "before the call");
      await lee.page.getByRole("button", { name: "Call Ana Ruiz" }).click();
      await expect(ana.page.getByRole("alertdialog")).toBeVisible();
      await accessible(ana.page, "it rings");
      await accessible(lee.page, "calling");
      await ana.page.getByRole("button", { name: "Accept" }).click();
      await expect(lee.page.locator("video.video:not(.own)")).toBeVisible();
      await accessible(lee.page, "in the call");
      await lee.page.getByRole("button", { name: "Whiteboard" }).click();
      await accessible(lee.page, "the whiteboard");
    });
  }
}
