// What www/page/stage/film.js uses of mediabunny.js; its own declarations are for the whole package.
export class BufferTarget {
  buffer: ArrayBuffer | null;
}
export class Mp4OutputFormat {}
export class WebMOutputFormat {}
export class Output {
  constructor(options: { format: Mp4OutputFormat | WebMOutputFormat; target: BufferTarget });
  readonly target: BufferTarget;
  addVideoTrack(source: EncodedVideoPacketSource, metadata: { frameRate: number }): void;
  start(): Promise<void>;
  finalize(): Promise<void>;
}
export class EncodedVideoPacketSource {
  constructor(codec: string);
  add(packet: EncodedPacket, details?: EncodedVideoChunkMetadata): Promise<void>;
}
export class EncodedPacket {
  static fromEncodedChunk(chunk: EncodedVideoChunk): EncodedPacket;
}
