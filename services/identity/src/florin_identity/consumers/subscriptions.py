"""The one declaration of what identity listens to; the modules beside it fill it."""

from florin_chassis.road.subscriptions import Subscriptions

subscriptions = Subscriptions()
