// What refines an error's code for this dialect: the vendor has finer words there.

/** Of `stream-not-found`: not the stream is missing, but its container. */
export const CONTAINER = 'container'

/** Of `invalid-argument`: a condition was evaluated, and is false. */
export const CONDITION_FALSE = 'condition-false'

/** Of `invalid-argument`: an item is there that was not to be. */
export const ITEM_EXISTS = 'item-exists'

/** Of `limit-exceeded`: what is to be kept takes too much room. */
export const ITEM_TOO_LARGE = 'item-too-large'
