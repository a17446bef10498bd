/**
 * The design system: tokens (styles.css) and primitives in the manner of shadcn/ui. It owns how things look and behave under
 * keyboard and screen reader. It refuses domain words, data access and formatting of money: those live in the dashboard.
 * Floor 2; imported by the dashboard only. Components without `'use client'` render on the server.
 */
export { Button, type ButtonProps, buttonVariants } from './button.tsx';
export { cn } from './cn.ts';
