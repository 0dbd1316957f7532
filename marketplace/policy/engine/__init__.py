"""One judge for the spreadsheet, the live pilot, the projection and the hard stop.

`facts` says what happened in numbers, `rows` and `detect` derive that from a spending sheet, `judge` compares it with a
rule book, `room` says how much may still be arranged, `acts` checks single steps, `render` writes the answer.
Pure: no session, no clock, no request. Serves 二(一), 二(二), 二(四), 二(五), 四(一), 四(二), 五(一), 五(三), 六(二).
"""
