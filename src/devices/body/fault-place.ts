// Where in the user's own text an error of a body arose. Bodies are revived under the names of their files and cells.
export { userPlaceOf as placeOfFault } from '../../runtime/user-place.js'
