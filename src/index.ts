/** The public face in one import; each folder is also a subpath: `assay/verify`, `assay/train` … */
export * from './core/index.ts';
