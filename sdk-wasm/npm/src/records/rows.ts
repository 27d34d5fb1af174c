// Live rows of a template. All who look at it share one subscription: the server is asked for what
// satisfies everybody, and each sees what it asked for.

import type { Engine } from "../engine.js";
import type { Local } from "../core/boundary.js";
import type { Loaded, Off, WireEvent } from "../types.js";
import type { LiveData, LiveOptions, Row } from "../views.js";
import { CarewireError } from "../errors.js";
import type { Door, Part } from "../late.js";
import { Shared, given, off } from "../live.js";

/** The shortest interval that a server takes, and its own. */
const SHORTEST = 250;

type Wish = LiveOptions<Row>;
/** Which template, and which of its rows. */
export type Wanted = Wish & { id: string };
type Fields = Record<string, unknown>;

/** The subscription to a template. */
class TemplateEntry extends Shared {
  rows = new Map<string, Row>();
  updatedAt: number | undefined;
  #wishes = new Set<Wish>();
  #watchers = new Set<() => void>();
  #interval: number | undefined;
  #filter = "{}";
  /** There are more rows than the server shows at once, so that it has to choose. */
  #isMany = false;

  constructor(
    engine: Engine,
    key: string,
    readonly templateId: string,
  ) {
    super(engine, key);
  }

  /** Somebody looks at it, in their own way. */
  wish(wish: Wish, watch: () => void): Off {
    this.#wishes.add(wish);
    this.#watchers.add(watch);
    const hold = this.hold();
    this.#agree();
    return off(() => {
      this.#wishes.delete(wish);
      this.#watchers.delete(watch);
      if (this.#wishes.size) this.#agree();
      hold();
    });
  }

  override changed(): void {
    super.changed();
    for (const watcher of this.#watchers) watcher();
  }

  protected start(): void {
    const { templateId } = this;
    this.ask("report:subscribeTemplate", { templateId }, () => {
      this.ready();
      this.changed();
    });
    this.#interval = undefined;
    this.#filter = "{}";
    this.#isMany = false;
  }

  protected stop(): void {
    this.engine.call("room:leave", { roomId: `template:${this.templateId}` }, {});
  }

  protected drop(): void {
    this.rows = new Map();
    this.updatedAt = undefined;
  }

  /** The shortest interval, and the filter that all have in common where the server has to choose. */
  #agree(): void {
    const { templateId } = this;
    const wishes = [...this.#wishes];
    // One who names none gets them as often as there are any.
    const intervals = wishes.map((wish) => wish.intervalMs ?? SHORTEST);
    const interval = Math.min(...intervals);
    if (interval !== (this.#interval ?? SHORTEST)) {
      this.#interval = interval;
      this.ask("stream:setInterval", { templateId, intervalMs: interval }, () => {});
    }
    // The server tells of no row that passes a filter no longer: where all rows are here, they are
    // chosen here, and leave at once.
    if (!this.#isMany) return;
    const [first, ...others] = wishes.map((wish) => (wish.filter ?? {}) as Fields);
    const common = Object.entries(first ?? {}).filter(([field, value]) =>
      others.every((other) => same(other[field], value)),
    );
    const filter = Object.fromEntries(common);
    const text = JSON.stringify(filter);
    if (text !== this.#filter) {
      this.#filter = text;
      this.ask("stream:applyFilter", { templateId, filter }, () => {});
    }
  }

  override event(event: WireEvent): void {
    const room = `template:${this.templateId}`;
    if (event.type === "room:left" && event.data.roomId === room) {
      const { reason } = event.data;
      return this.fail(new CarewireError("access_denied", { details: { reason } }));
    }
    const isAll = event.type === "stream:initial";
    if ((!isAll && event.type !== "stream:update") || event.data.templateId !== this.templateId) return;
    const rows = event.data.rows as Row[];
    this.rows = new Map([...(isAll ? [] : this.rows), ...rows.map((row) => [row.id, row] as const)]);
    this.updatedAt = Date.parse(event.timestamp);
    this.ready();
    this.changed();
    if (event.type === "stream:initial" && event.data.hasMore && !this.#isMany) {
      this.#isMany = true;
      this.#agree();
    }
  }

  override local(local: Local): void {
    if (local.type === "roomLost" && local.room === `template:${this.templateId}`) {
      this.fail(new CarewireError(local.error.code, local.error));
    }
  }
}

/** The rows as one of those who look at them wants them. */
export class RowsPart implements Part {
  #door: Door<LiveData<Row>, Wanted>;
  #template: TemplateEntry | undefined;
  #wished: Off | undefined;

  constructor(door: Door<LiveData<Row>, Wanted>) {
    this.#door = door;
  }

  view() {
    const filter = Object.entries(this.#door.input.filter ?? {});
    const all = [...(this.#template?.rows.values() ?? [])];
    const rows = filter.length
      ? all.filter((row) => filter.every(([field, value]) => same((row as Row & Fields)[field], value)))
      : all;
    const updatedAt = this.#template?.updatedAt;
    return { rows, ...given({ updatedAt }) };
  }

  loaded(): Loaded | undefined {
    return this.#template?.loaded();
  }

  start(): void {
    const { engine, input } = this.#door;
    this.#template = templateEntry(engine, input.id);
    this.#wished = this.#template.wish(input, () => this.#door.changed());
  }

  stop(): void {
    this.#wished?.();
  }

  drop(): void {}
}

function same(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));
}

function templateEntry(engine: Engine, templateId: string): TemplateEntry {
  return engine.shared(`template:${templateId}`, (engine, key) => new TemplateEntry(engine, key, templateId));
}
