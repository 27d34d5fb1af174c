import { unplug } from "carewire/testing";
import { expect, test } from "vitest";
import { connected, count, history, useServer } from "./help.js";

const server = useServer();

test("who looks at a chart is seen, until they look away", async () => {
  const [lee, kim] = await connected(server.now, "dr-lee", "dr-kim");
  const chart = lee.record("ana");
  await server.now.advance(0);
  const viewers = () => chart.get().viewers.map((one) => one.userId);
  expect(viewers()).toEqual(["dr-lee"]);
  const other = kim.record("ana");
  await server.now.advance(0);
  expect(viewers()).toEqual(["dr-lee", "dr-kim"]);
  other.close();
  await server.now.advance(1_000);
  expect(viewers()).toEqual(["dr-lee"]);
  expect(count(server.now, "record:unview", "dr-kim")).toBe(1);
  expect(count(server.now, "room:leave", "dr-kim")).toBe(1);
});

test("a lease is held, renewed, and given back", async () => {
  const [lee, kim] = await connected(server.now, "dr-lee", "dr-kim");
  const [mine, other] = [lee.recordLock("ana", "note"), kim.recordLock("ana", "note")];
  await server.now.advance(0);
  expect(mine.get()).toMatchObject({ status: "ready", lock: "free" });
  const acquiring = mine.acquire();
  expect(mine.get()).toMatchObject({ lock: "acquiring" });
  await server.now.advance(0);
  expect(await acquiring).toBe(true);
  const held = mine.get();
  if (held.lock !== "held") throw new Error("not held");
  expect(other.get()).toMatchObject({ lock: "taken", holderId: "dr-lee", expiresAt: held.expiresAt });
  const refused = other.acquire();
  await server.now.advance(0);
  expect(await refused).toBe(false);
  expect(other.get()).toMatchObject({ lock: "taken" });
  await server.now.advance(60_000);
  expect(mine.get()).toMatchObject({ lock: "held", fencingToken: held.fencingToken });
  expect((mine.get() as typeof held).expiresAt).toBeGreaterThan(held.expiresAt);
  mine.release();
  await server.now.advance(0);
  expect([mine.get().lock, other.get().lock]).toEqual(["free", "free"]);
});

test("a lease that cannot be renewed is lost, and can be taken again", async () => {
  const [lee] = await connected(server.now, "dr-lee");
  const lock = lee.recordLock("ana", "note");
  await server.now.advance(0);
  void lock.acquire();
  await server.now.advance(0);
  const back = unplug(lee);
  await server.now.advance(31_000);
  expect(lock.get()).toMatchObject({ lock: "lost", live: false });
  const offline = expect(lock.acquire()).rejects.toMatchObject({ code: "offline" });
  await server.now.advance(0);
  await offline;
  expect(lock.get()).toMatchObject({ lock: "lost" });
  back();
  await server.now.advance(30_000);
  const again = lock.acquire();
  await server.now.advance(0);
  expect(await again).toBe(true);
});

test("a lease ends with its last handle", async () => {
  const [lee, kim] = await connected(server.now, "dr-lee", "dr-kim");
  const [lock, other] = [lee.recordLock("ana", "note"), kim.recordLock("ana", "note")];
  await server.now.advance(0);
  void lock.acquire();
  await server.now.advance(0);
  lock.close();
  await server.now.advance(1_000);
  expect(other.get().lock).toBe("free");
});

test("a report is followed from where it stands to its end", async () => {
  server.now.emit("report:r1", "report:status", { reportId: "r1", status: "running", progress: 10 });
  const [lee] = await connected(server.now, "dr-lee");
  const report = lee.report("r1");
  await server.now.advance(0);
  expect(report.get().report).toMatchObject({ status: "running", progress: 10 });
  server.now.emit("report:r1", "report:status", {
    reportId: "r1",
    status: "running",
    progress: 60,
    message: "Labs",
  });
  await server.now.advance(0);
  expect(report.get().report).toMatchObject({ progress: 60, message: "Labs" });
  const done = { reportId: "r1", downloadUrl: "/r1.pdf", format: "pdf", sizeBytes: 9 };
  server.now.emit("report:r1", "report:completed", done);
  await server.now.advance(0);
  expect(report.get().report).toEqual({ ...done, status: "completed", progress: 100 });
  void report.cancel();
  await server.now.advance(0);
  expect(count(server.now, "report:cancel")).toBe(1);
});

test("a chart and a lock of a room that was joined before know what it knows", async () => {
  const [lee, kim] = await connected(server.now, "dr-lee", "dr-kim");
  kim.record("ana");
  void kim.recordLock("ana", "note").acquire();
  const room = lee.room("patient:ana");
  await server.now.advance(0);
  expect(room.get().status).toBe("ready");
  const [chart, lock] = [lee.record("ana"), lee.recordLock("ana", "note")];
  const shown = history(lock, (view) => view.status === "ready" && view.lock);
  await server.now.advance(0);
  expect(chart.get()).toMatchObject({ status: "ready", live: true });
  expect(chart.get().viewers.map((one) => one.userId)).toEqual(["dr-kim", "dr-lee"]);
  expect(lock.get()).toMatchObject({ status: "ready", lock: "taken", holderId: "dr-kim" });
  expect(shown).not.toContain("free");
});

test("a report of a room that was joined before shows where it stands", async () => {
  server.now.emit("report:r1", "report:status", { reportId: "r1", status: "running", progress: 10 });
  const [lee] = await connected(server.now, "dr-lee");
  lee.room("report:r1");
  await server.now.advance(0);
  const report = lee.report("r1");
  expect(report.get().status).toBe("loading");
  await server.now.advance(0);
  expect(report.get()).toMatchObject({ status: "ready", report: { progress: 10 } });
});

test("a report that failed keeps how far it came", async () => {
  const [lee] = await connected(server.now, "dr-lee");
  const report = lee.report("r1");
  await server.now.advance(0);
  expect(report.get()).not.toHaveProperty("report");
  server.now.emit("report:r1", "report:status", { reportId: "r1", status: "running", progress: 40 });
  server.now.emit("report:r1", "report:failed", { reportId: "r1", message: "No data" });
  await server.now.advance(0);
  expect(report.get().report).toMatchObject({ status: "error", progress: 40, message: "No data" });
});

interface Bed {
  id: string;
  ward: string;
  free: boolean;
}

const beds = (...rows: [id: string, ward: string, free: boolean][]): Bed[] =>
  rows.map(([id, ward, free]) => ({ id, ward, free }));
const ids = ({ rows }: { rows: readonly Bed[] }) => rows.map((row) => row.id);

test("a row that no longer passes leaves at once, as the server is asked for all of a few", async () => {
  const [lee] = await connected(server.now, "dr-lee");
  const free = lee.liveData<Bed>("beds", { filter: { free: true } });
  await server.now.advance(0);
  const rows = beds(["1", "icu", true], ["2", "er", true]);
  server.now.emit("template:beds", "stream:initial", { templateId: "beds", rows, hasMore: false });
  await server.now.advance(0);
  expect(ids(free.get())).toEqual(["1", "2"]);
  const taken = beds(["1", "icu", false]);
  server.now.emit("template:beds", "stream:update", { templateId: "beds", rows: taken });
  await server.now.advance(0);
  expect(ids(free.get())).toEqual(["2"]);
  expect(count(server.now, "stream:applyFilter")).toBe(0);
});

test("rows are shared: of many the server is asked for what all want, and each sees its own", async () => {
  const [lee] = await connected(server.now, "dr-lee");
  const icu = lee.liveData<Bed>("beds", { intervalMs: 2_000, filter: { ward: "icu", free: true } });
  await server.now.advance(0);
  const data = (type: string) =>
    server.now.received.filter((one) => one.type === type).map((one) => one.data);
  expect(data("stream:setInterval")).toEqual([{ templateId: "beds", intervalMs: 2_000 }]);
  const many = { templateId: "beds", rows: [], hasMore: true };
  server.now.emit("template:beds", "stream:initial", many);
  await server.now.advance(0);
  expect(data("stream:applyFilter")).toEqual([{ templateId: "beds", filter: { ward: "icu", free: true } }]);
  const free = lee.liveData<Bed>("beds", { intervalMs: 500, filter: { free: true } });
  await server.now.advance(0);
  expect(count(server.now, "report:subscribeTemplate")).toBe(1);
  expect(data("stream:setInterval").at(-1)).toEqual({ templateId: "beds", intervalMs: 500 });
  expect(data("stream:applyFilter").at(-1)).toEqual({ templateId: "beds", filter: { free: true } });
  const rows = beds(["1", "icu", true], ["2", "er", true]);
  server.now.emit("template:beds", "stream:initial", { templateId: "beds", rows, hasMore: false });
  await server.now.advance(0);
  expect(icu.get().rows.map((row) => row.id)).toEqual(["1"]);
  expect(free.get().rows.map((row) => row.id)).toEqual(["1", "2"]);
  server.now.emit("template:beds", "stream:update", {
    templateId: "beds",
    rows: [{ id: "2", ward: "icu", free: true }],
  });
  await server.now.advance(0);
  expect(icu.get().rows.map((row) => row.id)).toEqual(["1", "2"]);
  expect(icu.get().updatedAt).toBeTypeOf("number");
  free.close();
  await server.now.advance(1_000);
  expect(data("stream:applyFilter").at(-1)).toEqual({
    templateId: "beds",
    filter: { ward: "icu", free: true },
  });
  icu.close();
  await server.now.advance(2_000);
  expect(count(server.now, "room:leave")).toBe(1);
});
