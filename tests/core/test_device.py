import pytest

from callgraft.device import device_of

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("device", "user_agent"),
    [
        ("desktop", f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/120.0.0.0 Safari"),
        ("desktop", f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Safari/605.1.15"),
        ("desktop", "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"),
        ("desktop", f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/119 Safari/537.36"),
        ("desktop", f"Mozilla/5.0 (Linux; Android 9; BRAVIA 4K UR2) {WEBKIT} Chrome/100 Safari"),
        ("desktop", f"Mozilla/5.0 (Web0S; Linux/SmartTV) {WEBKIT} Chrome/79.0 Safari/537.36"),
        ("desktop", ""),
        ("mobile", f"Mozilla/5.0 (Linux; Android 13; SM-A525F) {WEBKIT} Chrome/119 Mobile Safari"),
        (
            "mobile",
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) {WEBKIT} Mobile/15E148",
        ),
        ("mobile", "Mozilla/5.0 (Android 13; Mobile; rv:120.0) Gecko/120.0 Firefox/120.0"),
        ("mobile", "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; ru) Presto/2.8.119"),
        ("mobile", "Opera/9.80 (Android; Opera Mini/36.2/119.132; U; ru) Presto/2.12.423"),
        ("mobile", "Nokia6300/2.0 (07.21) Profile/MIDP-2.0 Configuration/CLDC-1.1"),
        ("mobile", "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) Mobile"),
        ("mobile", "Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) Mobile"),
        ("tablet", f"Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) {WEBKIT} Mobile/15E148"),
        ("tablet", f"Mozilla/5.0 (Linux; Android 12; SM-T505) {WEBKIT} Chrome/119 Safari/537.36"),
        ("tablet", "Mozilla/5.0 (Android 12; Tablet; rv:120.0) Gecko/120.0 Firefox/120.0"),
        (
            "tablet",
            f"Mozilla/5.0 (Linux; Android 9; KFTRWI) {WEBKIT} Silk/120.1 like Chrome Safari",
        ),
    ],
)
def test_a_user_agent_names_its_class_of_device(device, user_agent):
    assert device_of(user_agent) == device
