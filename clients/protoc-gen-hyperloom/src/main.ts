/** The program that buf and protoc start: a request on standard input, the files on standard output. */
import { runNodeJs } from '@bufbuild/protoplugin';
import { plugin } from './plugin.ts';

runNodeJs(plugin);
