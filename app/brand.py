"""The mark and the word mark, drawn in tones that both themes carry."""

_MARK = (
    '<circle cx="16" cy="10" r="5" fill="#3f9681"/>'
    '<circle cx="8" cy="22" r="4" fill="#d98560"/>'
    '<circle cx="24" cy="22" r="4" fill="#7183c9"/>'
    '<path d="M13.5 14.5 10 18.8M18.5 14.5 22 18.8M12.5 22h7" stroke="#8a9693" '
    'stroke-width="1.8" stroke-linecap="round" fill="none"/>'
)
ICON = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{_MARK}</svg>'
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 32" width="150" height="32">'
    f'{_MARK}<text x="40" y="22.5" font-family="Source Sans Pro, Helvetica, Arial, sans-serif" '
    'font-size="19" font-weight="700" letter-spacing="1.2" fill="#3f9681">MAMGBR</text></svg>'
)
