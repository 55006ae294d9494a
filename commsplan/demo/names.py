"""First and last names to draw invented people from, by country. No one in particular."""

from __future__ import annotations

FIRST: dict[str, str] = {
    "GB": "Amelia Oliver Isla George Freya Harry Poppy Alfie Ivy Arthur Niamh Callum Rhys Cerys "
    "Imogen Toby Maisie Rory Beatrice Hamish Tamsin Elliot Zara Reuben",
    "DE": "Anke Bernd Carla Dieter Elif Frauke Gregor Hanna Ingo Jana Kerstin Lutz Maren Nils "
    "Ottilie Paul Rieke Sönke Tülay Uwe Verena Wiebke Yannick Zeynep",
    "FR": "Amélie Baptiste Chloé Damien Éloïse Fabrice Gaëlle Hugo Inès Jérôme Karine Loïc Maëlle "
    "Nicolas Océane Pascal Romane Sébastien Thaïs Ugo Valérie Yann Zoé Anaïs",
    "ES": "Alba Bruno Carmen Diego Elena Fermín Gloria Hugo Irene Joaquín Laia Marcos Nuria Óscar "
    "Pilar Quique Rocío Santiago Teresa Unai Vera Ximena Íñigo Begoña",
    "US": "Aaliyah Brandon Chloe Dante Eleanor Felix Grace Hunter Isabel Jamal Kayla Logan Maya "
    "Nathan Olivia Preston Quinn Riley Sofia Trevor Valerie Wyatt Jasmine Omar",
    "MX": "Ximena Emiliano Regina Santiago Valentina Leonardo Renata Mateo Camila Sebastián "
    "Fernanda Rodrigo Mariana Iker Paola Andrés Lucía Joaquín Daniela Héctor Itzel Raúl Abril Saúl",
    "IN": "Aarav Diya Vihaan Ananya Arjun Ishita Kabir Kavya Rohan Meera Aditya Priya Nikhil "
    "Saanvi Rahul Tara Siddharth Nandini Farhan Leela Harish Jaya Manish Ritu",
    "SG": "Wei Jun Hui Min Zhi Hao Li Ting Kai Xin Mei Ling Farah Amir Siti Haziq Priya Deepak "
    "Rachel Jia Yi Marcus Nurul",
    "AU": "Charlotte Jack Matilda Lachlan Ruby Cooper Sienna Angus Tahlia Declan Evie Flynn "
    "Georgia Hamish Indiana Jarrah Kirra Liam Mia Noah Piper Riley Talia Zane",
}
LAST: dict[str, str] = {
    "GB": "Ashworth Bexley Coverdale Dunmore Ellingham Fairclough Garrick Hollis Ingleby Jessop "
    "Kershaw Langtree Marwood Nethercott Ormsby Pemberley Quayle Rushton Stanmore Thackery "
    "Underhill Verrall Whitcombe Yardley",
    "DE": "Ahrenfeld Birkholz Claasen Dornbusch Eichwald Feldkamp Grünberg Hagedorn Immenhof "
    "Jessenig Kaltenbach Lindenau Mühlfeld Nordhoff Oberkirch Pappelmann Quellmann Rosenhain "
    "Steinweg Tannhof Uhlenbrock Vossberg Wiesengrund Öztürkmen",
    "FR": "Aubenas Beaulieux Châteauvert Delaroche Estournel Fontanelle Grandpré Haumont Isambert "
    "Jolivet Kerbrat Lafontenay Montclar Noirmont Orsel Pontavice Quercy Rochebrune Sauveterre "
    "Tournemine Valcourt Villarceaux Yvernault Lhermitte",
    "ES": "Alcornoque Benavides Castroverde Doñate Encinares Fuentealba Gallarza Hontanar Ibarrola "
    "Jaraíz Larrañeta Montesinos Navascués Olmedilla Peñalba Quintanar Robledillo Sotomayor "
    "Torrecilla Urrestarazu Valdeolmos Yebra Zabalbide Zurbarán",
    "US": "Abernathy Brookfield Calloway Dunham Ellsworth Fairbanks Gallagher Hathaway Irvington "
    "Kensington Lockwood Merriweather Northrop Oakley Prescott Ridgeway Sheffield Thornbury "
    "Vandermeer Whitlock Yarborough Castellano Okonjo Delgadillo",
    "MX": "Arizmendi Bárcenas Covarrubias Dávalos Escamilla Figueroa Galindo Huerta Ibargüen "
    "Jaramillo Lizárraga Montejano Nájera Ocampo Paredes Quiroga Rentería Saldívar Tamayo "
    "Urquiza Villaseñor Xicoténcatl Yáñez Zepeda",
    "IN": "Agarwala Bhandarkar Chakravarti Deshmukhe Easwaran Ganguli Hegdekar Iyengaran Jaiswali "
    "Kulkarnia Lakhani Mahajani Nambiaran Ojhara Pandeya Rajendran Sahasra Thakkar Upadhye "
    "Varadan Wadekar Yadavan Zachariahs Kothari",
    "SG": "Ang Boey Chua Ee Foo Goh Ho Jamal Koh Lim Mahmood Nair Ong Pillai Quek Rahmat "
    "Seah Tay Toh Wee Yeo Zainal Chong Leong",
    "AU": "Attwater Brindabell Callister Darlingford Everton Fairweather Gladstone Hartigan "
    "Ironbark Jindalee Kingsford Larkham Merrigold Narrabri Orford Pinnaroo Ravenshoe "
    "Silverton Tarrant Underbool Wandering Yarraman Blackwood Coolabah",
}
