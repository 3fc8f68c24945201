// What the provisioning job remembers: which object of the directory is which resource of the application, and what it
// knows of the references there. A link is { id, manager, members }:
//   manager   the id that the application has as manager, so far as known
//   members   the ids that the application has in the group: true, or false if an answer is outstanding

/** Thrown for an object that could not be provisioned; the next cycle tries it again. */
export class Retry extends Error {}

export class Links {
  #byObject = new Map();
  #byId = new Map();
  /** The objects whose link is new since the last cycle: objects that refer to them must be looked at. */
  fresh = new Set();

  of(objectId) {
    return this.#byObject.get(objectId);
  }

  id(objectId) {
    return this.#byObject.get(objectId)?.id;
  }

  /** Links an object to a resource, unless the resource belongs to another object. */
  set(objectId, resource, manager) {
    const owner = this.#byId.get(resource.id);
    if (owner !== undefined && owner !== objectId) throw new Retry('the match belongs to another object');
    const link = { id: resource.id, manager, members: new Map() };
    this.#byObject.set(objectId, link);
    this.#byId.set(resource.id, objectId);
    this.fresh.add(objectId);
    return link;
  }

  drop(objectId) {
    this.#byId.delete(this.id(objectId));
    this.#byObject.delete(objectId);
  }

  get count() {
    return this.#byObject.size;
  }
}
