/* Version of the library; the first two numbers change when its interface does. */
#ifndef HANDSEG_VERSION_H
#define HANDSEG_VERSION_H

#define HS_VERSION "0.1.0"

#endif
