/* All is there: off it goes. */

play(window);
