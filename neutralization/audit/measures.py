"""Units and periods by which the audit tells that a number measures something else than in the body."""

from typing import NamedTuple

from ntrl.text.common_words import word_list


class Measure(NamedTuple):
    """What is measured, and the unit's own name."""

    kind: str
    name: str


# For each kind its units, each with the other ways in which it is written.
_WRITTEN = {
    "period": (
        "second seconds",
        "minute minutes",
        "hour hours hourly",
        "day days daily",
        "week weeks weekly",
        "month months monthly",
        "year years yearly annual annually",
        "decade decades",
        "century centuries",
    ),
    "length": (
        "inch inches",
        "foot feet ft",
        "yard yards",
        "mile miles",
        "millimetre millimetres millimeter millimeters mm",
        "centimetre centimetres centimeter centimeters cm",
        "metre metres meter meters",
        "kilometre kilometres kilometer kilometers km",
    ),
    "area": ("acre acres", "hectare hectares ha"),
    "mass": (
        "ounce ounces oz",
        "lb lbs",
        "gram grams gramme grammes",
        "kilogram kilograms kilo kilos kg",
        "ton tons",
        "tonne tonnes",
    ),
    "volume": ("pint pints", "gallon gallons", "litre litres liter liters", "barrel barrels"),
    "temperature": ("celsius", "fahrenheit"),
    "speed": ("mph", "kph kmh"),
}
MEASURES = {
    form: Measure(kind, forms[0])
    for kind, units in _WRITTEN.items()
    for forms in map(word_list, units)
    for form in forms
}
