"""The tools that attackers use, as the distribution has them."""
import lab as laboratory
from scene import attack

GROUP = "Real tools"
PBX = laboratory.WORLD


def tool(name, what, *command, **rest):
    attack(name, GROUP, what, **rest)(lambda scene: scene.tool(*command))


tool("svmap-options", "svmap: OPTIONS", "svmap", PBX)
tool("svmap-register", "svmap: REGISTER; its packet is malformed, and pjproject drops it before it is a message", "svmap", "-m", "REGISTER", PBX)
tool("svmap-invite", "svmap: INVITE", "svmap", "-m", "INVITE", PBX)
tool("svwar-register", "svwar: REGISTER of 2000-2020", "svwar", "-m", "REGISTER", "-e", "2100-2120", PBX)
tool("svwar-invite", "svwar: INVITE", "svwar", "-m", "INVITE", "-e", "2100-2120", PBX)
tool("svwar-options", "svwar: OPTIONS", "svwar", "-m", "OPTIONS", "-e", "2100-2120", PBX)
tool("svcrack", "svcrack on an account that exists", "svcrack", "-u", "1002", "-r", "1000-9000", PBX)
tool("svcrack-unknown", "svcrack on an account that does not exist", "svcrack", "-u", "7777", "-r", "1000-9000", PBX)
tool("sipsak-usrloc", "sipsak -U", "sipsak", "-U", "-s", f"sip:nobody@{PBX}")
tool("sipsak-options", "sipsak -vv (OPTIONS)", "sipsak", "-vv", "-s", f"sip:nobody@{PBX}")
tool("sipsak-flood", "sipsak -F (flood)", "sipsak", "-F", "-e", "200", "-s", f"sip:nobody@{PBX}")
tool("sipsak-random", "sipsak -R (random mangling)", "sipsak", "-R", "-t", "50", "-s", f"sip:nobody@{PBX}",
     because="Nothing is answered and nobody refused: pjproject drops sipsak's Contact whether it is mangled or not, and sipsak sends 19 packets in 24 s, "
             "most of which differ from good ones in a single character.")


@attack("svcrack-ipv6", GROUP, "svcrack over IPv6")
def _(scene):
    scene.tool("svcrack", "-6", "-u", "1002", "-r", "1000-9000", laboratory.WORLD6, source=scene.source6())
