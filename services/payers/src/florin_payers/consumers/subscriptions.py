"""The one declaration of what this service listens to; each consumer module adds to it."""

from florin_chassis.road.subscriptions import Subscriptions

subscriptions = Subscriptions()
