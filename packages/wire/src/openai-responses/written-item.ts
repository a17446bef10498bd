import type { JsonObject } from '@bourse/generation';
import type { FrameWriter } from './frames.ts';

/** Whether an item came to its own end. */
export type ItemStatus = 'completed' | 'incomplete';

/** Where an item stands in its stream, and who writes it. */
export interface ItemPlace {
  readonly frames: FrameWriter;
  readonly index: number;
  readonly id: string;
}

/** An output item while it is written. `json` is the item as it is at the moment. */
export interface WrittenItem {
  readonly json: JsonObject;
  open(): string;
  /** The last frames of it. */
  close(status: ItemStatus): string;
}

/** What all items share: their place, and how they are announced and done. */
export abstract class Item implements WrittenItem {
  protected readonly place: ItemPlace;
  abstract readonly json: JsonObject;

  constructor(place: ItemPlace) {
    this.place = place;
  }

  open(): string {
    const { frames, index } = this.place;
    return frames.write('response.output_item.added', { output_index: index, item: this.json });
  }

  abstract close(status: ItemStatus): string;

  protected write(type: string, members: JsonObject): string {
    const { frames, index, id } = this.place;
    return frames.write(type, { item_id: id, output_index: index, ...members });
  }

  protected done(): string {
    const { frames, index } = this.place;
    return frames.write('response.output_item.done', { output_index: index, item: this.json });
  }
}
