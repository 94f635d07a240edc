// Made from web/ by "make web": c811603a3f393ade1861b401fbc954250deec1f44eb4af480fbda9ee64495d24
"use strict";(()=>{var o=()=>matchMedia("(prefers-color-scheme: dark)"),t=e=>(e??"auto")==="auto"?o().matches:e==="dark";function r(e){try{return JSON.parse(localStorage.getItem(`gandyn.${e}`)??"null")}catch{return null}}document.documentElement.dataset.gandynTheme=t(r("theme"))?"dark":"light";})();
