// What Next would put into the git-ignored next-env.d.ts, so that a fresh clone type-checks before its first build.
/// <reference types="next" />
/// <reference types="next/image-types/global" />
