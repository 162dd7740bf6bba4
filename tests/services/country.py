"""A made-up country of two old provinces that become one, and one that stays: small, and right."""

from pathlib import Path

LISTS = {
    "provinces_before": [
        "code,name,type",
        "11,Tỉnh An,tinh",
        "12,Tỉnh Bình,tinh",
        "13,Thành phố Cảng,thanh_pho",
    ],
    "districts_before": [
        "code,name,type,province_code",
        "101,Huyện Một,huyen,11",
        "102,Huyện Hai,huyen,12",
        "103,Quận Ba,quan,13",
        "104,Huyện Đảo,huyen,13",
    ],
    "communes_before": [
        "code,name,type,district_code,province_code",
        "10001,Xã Đông,xa,101,11",
        "10002,Xã Tây,xa,101,11",
        "10003,Thị trấn Nam,thi_tran,101,11",
        "20001,Xã Bắc,xa,102,12",
        "20002,Xã Trung,xa,102,12",
        "30001,Phường Chợ,phuong,103,13",
    ],
    "provinces_after": ["code,name,type", "12,Tỉnh An,tinh", "13,Thành phố Cảng,thanh_pho"],
    "communes_after": [
        "code,name,type,province_code",
        "10001,Xã Đông,xa,12",
        "10003,Xã Nam Mới,xa,12",
        "20001,Xã Bắc,xa,12",
        "30001,Phường Chợ Lớn,phuong,13",
        "30009,Đặc khu Đảo,dac_khu,13",
    ],
    "province_changes": ["old_code,new_code,kind", "11,12,merged", "12,12,merged", "13,13,kept"],
    "commune_changes": [
        "old_code,new_code,extent,is_default",
        "10001,10001,whole,true",
        "10002,10001,part,true",
        "10002,20001,part,false",
        "10003,10003,whole,true",
        "20001,20001,whole,true",
        "20002,20001,whole,true",
        "30001,30001,whole,true",
    ],
    "district_to_commune_changes": ["old_district_code,new_commune_code,note", "104,30009,"],
    "resolutions": [
        "province_code,number,date,issuer,title_vi,source,url",
        "12,1601/NQ-UBTVQH15,2025-06-16,Ủy ban Thường vụ Quốc hội,Nghị quyết của tỉnh An,,",
        "13,1602/NQ-UBTVQH15,2025-06-16,Ủy ban Thường vụ Quốc hội,Nghị quyết của Cảng,,",
        ",202/2025/QH15,2025-06-12,Quốc hội,Sắp xếp đơn vị hành chính cấp tỉnh,,",
        ",203/2025/QH15,2025-06-16,Quốc hội,Sửa đổi Hiến pháp,,",
    ],
}


class Country:
    """Its lists in a folder; lines are counted as editors do, the header being line 1."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, lines in LISTS.items():
            self._write(name, lines)

    def change(self, name: str, line: int, text: str | None) -> None:
        """Put `text` in the place of a line; None takes the line out."""
        lines = self._lines(name)
        lines[line - 1 : line] = [] if text is None else [text]
        self._write(name, lines)

    def add(self, name: str, text: str) -> int:
        """One more line at the end; returns its number."""
        self._write(name, [*self._lines(name), text])
        return len(self._lines(name))

    def _lines(self, name: str) -> list[str]:
        return (self.folder / f"{name}.csv").read_text("utf-8").splitlines()

    def _write(self, name: str, lines: list[str]) -> None:
        (self.folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
