"""The types of options: which values an option allows, and how they are written on a command line and in a job file."""

from forecast_cli.option_types.base import OptionType
from forecast_cli.option_types.durations import Duration
from forecast_cli.option_types.lists import (
    CalendarParts,
    ColumnList,
    ColumnNames,
    NameList,
    Places,
    Repeatable,
    Texts,
)
from forecast_cli.option_types.numbers import MAX_STEPS, Integer, IntegerList, Number, NumberList, Seasons, Steps
from forecast_cli.option_types.paths import FolderPath, InputFile
from forecast_cli.option_types.rates import AlarmRate
from forecast_cli.option_types.words import Character, Choice, ModelName, Switch, Text

__all__ = [
    "MAX_STEPS",
    "AlarmRate",
    "CalendarParts",
    "Character",
    "Choice",
    "ColumnList",
    "ColumnNames",
    "Duration",
    "FolderPath",
    "InputFile",
    "Integer",
    "IntegerList",
    "ModelName",
    "NameList",
    "Number",
    "NumberList",
    "OptionType",
    "Places",
    "Repeatable",
    "Seasons",
    "Steps",
    "Switch",
    "Text",
    "Texts",
]
