package messenger

// welshWords are replyWords in Welsh. What goes out as a text message has letters of GSM 03.38 alone: a "ŵ" would make
// two of it.
func welshWords() map[string]string {
	return map[string]string{
		"lang": "cy", "dir": "ltr", "skip": "Neidio i’r prif gynnwys",
		"organisation": "y gwasanaeth hwn", "first_name": "gleient", "header": "Negeseuon",
		"exit_page": "Gadael y dudalen hon", "exit_url": "https://www.bbc.co.uk/weather",

		"email_reply":    "I ateb, agorwch y ddolen hon:",
		"email_no_reply": "Peidiwch ag ateb yr e-bost hwn. Ni chaiff atebion i’r cyfeiriad hwn eu darllen.",

		"private_subject": "Mae gennych neges breifat",
		"private_email": "Mae {organisation} wedi anfon neges breifat atoch.\n\nI’w darllen, agorwch y ddolen hon a rhowch " +
			"eich dyddiad geni:",
		"private_sms": "Neges breifat gan {organisation}. Darllenwch hi yma:",
		"private_email_neutral": "Mae gennych neges breifat.\n\nI’w darllen, agorwch y ddolen hon a rhowch eich dyddiad " +
			"geni:",
		"private_sms_neutral": "Mae gennych neges breifat. Darllenwch hi yma:",

		"sms_reply":    "I ateb:",
		"sms_no_reply": "Peidiwch ag ateb drwy neges destun: ni chaiff ei darllen.",

		"reply_title":  "Ateb i {organisation}",
		"reply_to":     "Bydd eich ateb yn mynd at {staff} yn {organisation}.",
		"reply_label":  "Eich ateb",
		"reply_hint":   "Gallwch ysgrifennu mewn unrhyw iaith, hyd at 5,000 o nodau.",
		"reply_send":   "Anfon yr ateb",
		"next_heading": "Beth fydd yn digwydd nesaf",
		"next_body":    "Efallai y bydd cydweithiwr yn darllen eich ateb hefyd. Gellir ei ychwanegu at eich cofnod iechyd.",

		"read_today":         "Mae {staff} yn {organisation} yn darllen atebion tan {read_time} heddiw.",
		"read_by":            "Mae {staff} yn {organisation} yn darllen atebion erbyn {read_day}, {read_time}.",
		"read_today_neutral": "Caiff atebion i {organisation} eu darllen tan {read_time} heddiw.",
		"read_by_neutral":    "Caiff atebion i {organisation} eu darllen erbyn {read_day}, {read_time}.",
		"closed_now": "Mae y tu allan i’n horiau gwaith. Byddant yn dechrau eto: {open_day} am {open_time}. Gallwch " +
			"anfon eich ateb o hyd.",

		"urgent_heading": "Nid yw’r dudalen hon ar gyfer argyfyngau",
		"urgent_111":     "I gael cymorth meddygol brys, ffoniwch 111 neu ewch i 111.nhs.uk.",
		"urgent_999":     "Os yw bywyd rhywun mewn perygl, ffoniwch 999.",

		"check_heading": "Gweld y neges yr ydych yn ei hateb",
		"check_why":     "I’w chadw’n breifat, rhowch eich dyddiad geni. Gallwch ateb hebddo hefyd.",
		"check_legend":  "Eich dyddiad geni",
		"check_hint":    "Er enghraifft, 27 3 1984",
		"check_day":     "Diwrnod",
		"check_month":   "Mis",
		"check_year":    "Blwyddyn",
		"check_show":    "Dangos y neges",
		"check_locked":  "Ni ellir dangos y neges ar hyn o bryd. Gallwch anfon eich ateb o hyd.",

		"remind_subject": "Nodyn atgoffa",
		"remind_reply":   "Nodyn atgoffa gan {organisation}: rydym yn aros am eich ateb i'n neges.",
		"remind_acknowledgement": "Nodyn atgoffa gan {organisation}: dywedwch wrthym eich bod wedi darllen " +
			"ein neges.",
		"remind_reply_neutral":           "Nodyn atgoffa: rydym yn aros am eich ateb i'n neges.",
		"remind_acknowledgement_neutral": "Nodyn atgoffa: dywedwch wrthym eich bod wedi darllen ein neges.",

		"acknowledge_heading": "Dywedwch wrthym eich bod wedi darllen hwn",
		"acknowledge_why": "Mae gennych neges sy’n gofyn i chi ddweud eich bod wedi ei darllen. Nid oes rhaid i chi " +
			"ateb.",
		"acknowledge_button": "Rwyf wedi darllen hwn",
		"acknowledged_at":    "Dywedoch wrthym ar {date} am {time} eich bod wedi darllen ein neges.",

		"private_check":   "Mae gennych neges breifat",
		"private_why":     "I’w darllen, rhowch eich dyddiad geni. Gallwch ateb hebddo hefyd.",
		"private_heading": "Neges breifat",
		"message_hello":   "Helo {first_name}",
		"message_heading": "Y neges yr ydych yn ei hateb",
		"message_sent":    "Neges gan {staff}, {date} am {time}",

		"sent_title": "Ateb wedi’i anfon",
		"sent_at":    "Cawsom eich ateb ar {date} am {time}.",
		"sent_read":  "Cafodd ei ddarllen am {read_at} ar {read_on}.",
		"sent_again": "Anfon ateb arall",
		"sent_close": "Gallwch gau’r dudalen hon.",

		"error_prefix":     "Gwall:",
		"error_heading":    "Mae problem",
		"error_empty":      "Rhowch eich ateb",
		"error_long":       "Rhaid i’ch ateb fod yn 5,000 o nodau neu lai",
		"error_characters": "Roedd nodau yn eich ateb na ellir eu hanfon. Gwiriwch ef a’i anfon eto",
		"error_form":       "Ni chyrhaeddodd eich ateb fel y dylai. Anfonwch ef eto o’r dudalen hon",
		"error_large":      "Mae eich ateb yn rhy fawr. Rhaid iddo fod yn 5,000 o nodau neu lai",
		"error_fault": "Mae problem ar ein hochr ni, ac ni allwn ddweud a gafodd eich ateb ei anfon. Nid oes dim wedi’i " +
			"golli: mae’r hyn a ysgrifennoch isod. Arhoswch funud, yna pwyswch Anfon yr ateb eto: caiff ei anfon unwaith",
		"error_flood": "Rydym wedi cael 20 ateb o’r dudalen hon o fewn awr, ac ni dderbyniwn ragor am y tro. Ni chafodd " +
			"eich ateb ei anfon. Mae’r hyn a ysgrifennoch isod: pwyswch Anfon yr ateb eto ar ôl {until}",
		"error_date": "Gwiriwch eich dyddiad geni a rhowch gynnig arall arni",

		"gone_title": "Nid yw’r dudalen hon ar gael",
		"gone_body": "Efallai fod y ddolen wedi’i diffodd neu ei disodli, neu nad yw’r cyfeiriad yn gyflawn. Os oes " +
			"gennych neges fwy diweddar, defnyddiwch y ddolen ynddi.",
		"gone_contact": "I gysylltu, defnyddiwch y rhif ffôn neu’r cyfeiriad sydd gennych eisoes ar gyfer y gwasanaeth a " +
			"ysgrifennodd atoch.",
		"busy_title":  "Arhoswch funud",
		"busy_body":   "Roedd gormod o geisiadau ar unwaith. Arhoswch funud, yna llwythwch y dudalen hon eto.",
		"fault_title": "Mae’n ddrwg gennym, mae problem gyda’r dudalen hon",
		"fault_body":  "Rhowch gynnig arall arni ymhen ychydig funudau.",
		"contact":     "Gallwch hefyd ffonio {organisation} ar {phone}.",

		"month_1": "Ionawr", "month_2": "Chwefror", "month_3": "Mawrth", "month_4": "Ebrill", "month_5": "Mai",
		"month_6": "Mehefin", "month_7": "Gorffennaf", "month_8": "Awst", "month_9": "Medi", "month_10": "Hydref",
		"month_11": "Tachwedd", "month_12": "Rhagfyr", "am": "yb", "pm": "yh", "midday": "hanner dydd",
		"midnight":  "hanner nos",
		"weekday_1": "dydd Llun", "weekday_2": "dydd Mawrth", "weekday_3": "dydd Mercher", "weekday_4": "dydd Iau",
		"weekday_5": "dydd Gwener", "weekday_6": "dydd Sadwrn", "weekday_7": "dydd Sul",
	}
}
