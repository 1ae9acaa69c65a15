#include "config/unit_table.h"

namespace bonewatch::config {

namespace {

constexpr std::string_view table = R"(
    %=1/100 [ppth]=10*-3 [ppm]=10*-6 [ppb]=10*-9 [pptr]=10*-12

    min=60.s h=60.min d=24.h wk=7.d
    a_t=36524219.d/100000 a_j=36525.d/100 a_g=3652425.d/10000 a=a_j
    mo_s=2953059.d/100000 mo_j=a_j/12 mo_g=a_g/12 mo=mo_j

    +l=dm3 +L=l +ar=100.m2 +st=m3 +t=10*3.kg +u=166053906660.10*-35.g

    +sr=rad2 deg=2.[pi].rad/360 gon=9.deg/10 '=deg/60 ''='/60 circ=2.[pi].rad sph=4.[pi].sr

    +Hz=s-1 +N=kg.m/s2 +Pa=N/m2 +J=N.m +W=J/s +A=C/s +V=J/C +F=C/V +Ohm=V/A +S=Ohm-1 +mho=S +Wb=V.s +T=Wb/m2 +H=Wb/A
    +lm=cd.sr +lx=lm/m2 +Bq=s-1 +Gy=J/kg +Sv=J/kg +bar=10*5.Pa atm=101325.Pa +kat=mol/s +U=umol/min

    +[c]=299792458.m/s +[h]=662607015.10*-42.J.s +[k]=1380649.10*-29.J/K +[e]=1602176634.10*-28.C
    +[eps_0]=8854187817.10*-21.F/m +[mu_0]=4.[pi].10*-7.N/A2 +[m_e]=91093837139.10*-41.kg
    +[m_p]=167262192595.10*-38.kg +[G]=667430.10*-16.m3.kg-1.s-2 +[g]=980665.m/s2/100000
    +eV=[e].V AU=149597870691.m +pc=3085678.10*10.m +[ly]=[c].a_j

    +Ky=cm-1 +Gal=cm/s2 +dyn=g.cm/s2 +erg=dyn.cm +P=dyn.s/cm2 +Bi=10.A +St=cm2/s +Mx=10*-8.Wb +G=10*-4.T
    +Oe=250/[pi].A/m +Gb=Oe.cm +sb=cd/cm2 +Lmb=cd/cm2/[pi] +ph=10*4.lx +Ci=37.10*9.Bq +R=258.10*-6.C/kg
    +RAD=100.erg/g +REM=RAD

    [in_i]=254.cm/100 [ft_i]=12.[in_i] [yd_i]=3.[ft_i] [mi_i]=5280.[ft_i] [fth_i]=6.[ft_i] [nmi_i]=1852.m
    [kn_i]=[nmi_i]/h [sin_i]=[in_i]2 [sft_i]=[ft_i]2 [syd_i]=[yd_i]2 [cin_i]=[in_i]3 [cft_i]=[ft_i]3 [cyd_i]=[yd_i]3
    [bf_i]=144.[in_i]3 [cr_i]=128.[ft_i]3 [mil_i]=[in_i]/1000 [cml_i]=[pi]/4.[mil_i]2 [hd_i]=4.[in_i]
    [lne]=[in_i]/12 [pnt]=[lne]/6 [pca]=12.[pnt] [pnt_pr]=13837.[in_i]/1000000 [pca_pr]=12.[pnt_pr] [smoot]=67.[in_i]
    [pied]=3248.cm/100 [pouce]=[pied]/12 [ligne]=[pouce]/12 [didot]=[ligne]/6 [cicero]=12.[didot]
    Ao=nm/10 b=100.fm2 [mesh_i]=/[in_i] [Ch]=mm/3

    [ft_us]=1200.m/3937 [yd_us]=3.[ft_us] [in_us]=[ft_us]/12 [rd_us]=165.[ft_us]/10 [ch_us]=4.[rd_us]
    [lk_us]=[ch_us]/100 [rch_us]=100.[ft_us] [rlk_us]=[rch_us]/100 [fth_us]=6.[ft_us] [fur_us]=40.[rd_us]
    [mi_us]=8.[fur_us] [acr_us]=160.[rd_us]2 [srd_us]=[rd_us]2 [smi_us]=[mi_us]2 [sct]=[mi_us]2 [twp]=36.[sct]
    [mil_us]=[in_us]/1000

    [in_br]=2539998.cm/1000000 [ft_br]=12.[in_br] [rd_br]=165.[ft_br]/10 [ch_br]=4.[rd_br] [lk_br]=[ch_br]/100
    [fth_br]=6.[ft_br] [pc_br]=25.[ft_br]/10 [yd_br]=3.[ft_br] [mi_br]=5280.[ft_br] [nmi_br]=6080.[ft_br]
    [kn_br]=[nmi_br]/h [acr_br]=4840.[yd_br]2

    [gal_us]=231.[in_i]3 [bbl_us]=42.[gal_us] [qt_us]=[gal_us]/4 [pt_us]=[qt_us]/2 [gil_us]=[pt_us]/4
    [foz_us]=[gil_us]/4 [fdr_us]=[foz_us]/8 [min_us]=[fdr_us]/60 [crd_us]=128.[ft_i]3 [bu_us]=215042.[in_i]3/100
    [gal_wi]=[bu_us]/8 [pk_us]=[bu_us]/4 [dqt_us]=[pk_us]/8 [dpt_us]=[dqt_us]/2 [tbs_us]=[foz_us]/2
    [tsp_us]=[tbs_us]/3 [cup_us]=16.[tbs_us] [foz_m]=30.mL [cup_m]=240.mL [tsp_m]=5.mL [tbs_m]=15.mL
    [gal_br]=454609.l/100000 [pk_br]=2.[gal_br] [bu_br]=4.[pk_br] [qt_br]=[gal_br]/4 [pt_br]=[qt_br]/2
    [gil_br]=[pt_br]/4 [foz_br]=[gil_br]/5 [fdr_br]=[foz_br]/8 [min_br]=[fdr_br]/60 [drp]=mL/20

    [gr]=6479891.mg/100000 [lb_av]=7000.[gr] [oz_av]=[lb_av]/16 [dr_av]=[oz_av]/16 [scwt_av]=100.[lb_av]
    [lcwt_av]=112.[lb_av] [ston_av]=20.[scwt_av] [lton_av]=20.[lcwt_av] [stone_av]=14.[lb_av]
    [pwt_tr]=24.[gr] [oz_tr]=20.[pwt_tr] [lb_tr]=12.[oz_tr] [sc_ap]=20.[gr] [dr_ap]=3.[sc_ap] [oz_ap]=8.[dr_ap]
    [lb_ap]=12.[oz_ap] [oz_m]=28.g [car_m]=200.mg [car_Au]=/24 +tex=g/km [den]=g/9/km +g%=g/dL

    +gf=g.[g] [lbf_av]=[lb_av].[g] [psi]=[lbf_av]/[in_i]2 att=kgf/cm2 [HP]=550.[ft_i].[lbf_av]/s
    +m[H2O]=980665.kPa/100000 +m[Hg]=133322.Pa [in_i'H2O]=m[H2O].[in_i]/m [in_i'Hg]=m[Hg].[in_i]/m
    [PRU]=mm[Hg].s/mL [wood'U]=mm[Hg].min/L
    [degR]=5.K/9
    +cal_[15]=41858.J/10000 +cal_[20]=41819.J/10000 +cal_m=419002.J/100000 +cal_IT=41868.J/10000 +cal_th=4184.J/1000
    +cal=cal_th [Cal]=kcal_th
    [Btu_39]=105967.J/100 [Btu_59]=105480.J/100 [Btu_60]=105468.J/100 [Btu_m]=105587.J/100
    [Btu_IT]=105505585262.J/100000000 [Btu_th]=105435.J/100 [Btu]=[Btu_th]

    [diop]=/m [MET]=35.mL/min/kg/10 [S]=10*-13.s [hnsf'U]=1 [HPF]=1 [LPF]=100 [NTU]=1 [FNU]=1
    +bit=1 +By=8.bit +Bd=/s

    +[iU]=? +[IU]=[iU] [arb'U]=? [USP'U]=? [GPL'U]=? [MPL'U]=? [APL'U]=? [beth'U]=? [anti'Xa'U]=? [todd'U]=? [dye'U]=?
    [smgy'U]=? [bdsk'U]=? [ka'U]=? [knk'U]=? [mclg'U]=? [tb'U]=? [CCID_50]=? [TCID_50]=? [EID_50]=? [PFU]=? [FFU]=?
    [CFU]=? [IR]=? [BAU]=? [AU]=? [Amb'a'1'U]=? [PNU]=? [Lf]=? [D'ag'U]=? [FEU]=? [ELU]=? [EU]=?
    [hp_X]=? [hp_C]=? [hp_M]=? [hp_Q]=? [kp_X]=? [kp_C]=? [kp_M]=? [kp_Q]=?

    +Cel=! [degF]=! [degRe]=! [pH]=! +Np=! +B=! +B[SPL]=! +B[V]=! +B[mV]=! +B[uV]=! +B[10.nV]=! +B[W]=! +B[kW]=!
    [p'diop]=! %[slope]=! [hp'_X]=! [hp'_C]=! [hp'_M]=! [hp'_Q]=! bit_s=! [m/s2/Hz^(1/2)]=!
)";

} // namespace

std::string_view unit_table() {
    return table;
}

} // namespace bonewatch::config
