"""The events that this service listens to, declared by the modules beside this one."""

from florin_chassis.road.subscriptions import Subscriptions

subscriptions = Subscriptions()
