import { expect, test } from "../src/stage.ts";

test("Ana checks in: the schedule, a notification and a toast", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  const ana = await stage.arrive("ana");
  await lee.open("Today");
  await ana.open("Today");
  const row = lee.page.locator(".appointment").filter({ hasText: "Ana Ruiz" });
  await expect(row).toContainText("Scheduled");
  await ana.page.getByRole("button", { name: "Check in" }).click();
  await expect(row).toContainText("Checked in");
  await expect(ana.page.locator(".appointment")).toContainText("Checked in");
  await expect(lee.page.locator(".toast").filter({ hasText: "Your patient is here" })).toBeVisible();

  const bell = lee.page.getByRole("button", { name: /^Notifications/ });
  await expect(bell).toHaveAccessibleName("Notifications, 2 unread");
  await bell.click();
  await lee.page.getByRole("button", { name: /Your patient is here/ }).click();
  await expect(bell).toHaveAccessibleName("Notifications, 1 unread");
  await lee.page.getByRole("button", { name: "Mark all read" }).click();
  await expect(bell).toHaveAccessibleName("Notifications, 0 unread");
  await lee.page.keyboard.press("Escape");
  await expect(lee.page.getByRole("group", { name: "Notifications" })).toBeHidden();
});

test("one person writes the note at a time, and the others see who looks", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  const kim = await stage.arrive("nurse-kim");
  const ana = await stage.arrive("ana");
  await lee.open("Chart");
  await expect(lee.page.getByText("Only you are viewing this chart")).toBeVisible();
  await kim.open("Chart");
  await ana.open("Chart");
  await expect(lee.page.getByText("Kim Novak is viewing")).toBeVisible();

  const note = lee.page.getByRole("region", { name: "Note" });
  await note.getByRole("button", { name: "Edit" }).click();
  await expect(kim.page.getByText("Dr. Lee is editing")).toBeVisible();
  await expect(
    kim.page.getByRole("region", { name: "Note" }).getByRole("button", { name: "Edit" }),
  ).toBeHidden();
  await note.getByRole("textbox").fill("Ana feels better.");
  await note.getByRole("button", { name: "Save" }).click();
  for (const person of [lee, kim, ana]) {
    await expect(person.page.getByRole("region", { name: "Note" })).toContainText("Ana feels better.");
  }
  const again = kim.page.getByRole("region", { name: "Note" }).getByRole("button", { name: "Edit" });
  await again.click();
  await expect(lee.page.getByText("Kim Novak is editing")).toBeVisible();
  await kim.page.close();
});

test("vital signs come by themselves, as curves and as a table", async ({ stage }) => {
  const ana = await stage.arrive("ana");
  const lee = await stage.arrive("dr-lee");
  for (const person of [ana, lee]) {
    await person.open("Chart");
    const rate = person.page.getByTestId("latest-heart_rate");
    const before = await rate.textContent();
    await expect(rate).not.toHaveText(before ?? "");
  }
  await lee.page.getByRole("button", { name: "As a table" }).click();
  await expect(lee.page.getByRole("columnheader", { name: "Oxygen" })).toBeVisible();
});

test("a report is made, called off, and made again", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  await lee.open("Chart");
  const card = lee.page.getByRole("region", { name: "Visit summary" });
  await card.getByRole("button", { name: "Make the report" }).click();
  await card.getByRole("button", { name: "Cancel" }).click();
  await expect(card.getByRole("status")).toContainText("cancelled");
  const progress = await card.getByRole("progressbar").evaluateHandle((bar: HTMLProgressElement) => {
    const seen: number[] = [];
    new MutationObserver(() => seen.push(bar.value)).observe(bar, { attributeFilter: ["value"] });
    return seen;
  });
  await card.getByRole("button", { name: "Make the report" }).click();
  await expect(card.getByRole("status")).toContainText("completed");
  expect(await progress.jsonValue()).toEqual([10, 35, 60, 80, 95, 100]);
  const link = card.getByRole("link", { name: /Download/ });
  const [download] = await Promise.all([lee.page.waitForEvent("download"), link.click()]);
  expect(download.suggestedFilename()).toBe("summary-dr-lee.txt");
});

test("a text message is answered, maintenance is announced, rows are filtered", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  await lee.open("Today");
  await lee.page.getByRole("button", { name: "Make something happen" }).click();
  await lee.page.getByRole("button", { name: "Announce maintenance" }).click();
  await expect(lee.page.getByText("The laboratory system will be updated.")).toBeVisible();

  const waiting = lee.page.getByRole("region", { name: "Waiting room" });
  await expect(waiting.getByRole("row")).toHaveCount(4);
  await waiting.getByRole("button", { name: "Room B" }).click();
  await expect(waiting.getByRole("row")).toHaveCount(2);

  const inbox = lee.page.getByRole("region", { name: "Inbox" });
  await inbox.getByRole("button", { name: /Ben Okafor/ }).click();
  await lee.say("Yes, come at half past.");
  await expect(lee.message("Thank you, doctor.")).toBeVisible();
});
